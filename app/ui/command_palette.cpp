#include "app/ui/command_palette.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/commands/table_search.h"
#include "app/platform/assets.h"
#include "app/ui/dialogs.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <imgui_stdlib.h>

namespace lact::app {

namespace {

constexpr const char* palette_title = "###palette";
constexpr std::size_t most_shown = 200;

/// A number at the end of a query, and what is before it.
struct NumberQuery {
    std::string_view words;
    double number = 0;
};

std::optional<NumberQuery> number_at_end(std::string_view query) {
    const std::size_t blank = query.find_last_of(' ');
    if (blank == std::string_view::npos) {
        return std::nullopt;
    }
    NumberQuery found{query.substr(0, blank), 0};
    const std::string_view last = query.substr(blank + 1);
    const auto [end, problem] = std::from_chars(last.data(), last.data() + last.size(), found.number);
    return problem == std::errc() && end == last.data() + last.size() && !last.empty() ? std::optional(found)
                                                                                       : std::nullopt;
}

/// Collects entries that match a query, with their scores.
class Entries {
  public:
    Entries(const PanelServices& services, std::string_view query) : services_(&services), query_(query) {}

    void add(PaletteEntry entry, std::string_view also = {}) {
        std::optional<int> score = fuzzy_score(entry.title, query_);
        if (const auto other = fuzzy_score(also, query_); other && !also.empty()) {
            score = std::max(score.value_or(*other), *other);
        }
        if (score) {
            found_.emplace_back(query_.empty() ? 0 : *score, std::move(entry));
        }
    }
    /// An entry whose query is only a part of what the user typed.
    void add_matching(PaletteEntry entry, std::string_view words) {
        if (const auto score = fuzzy_score(entry.title, words)) {
            found_.emplace_back(*score + 10, std::move(entry));
        }
    }
    [[nodiscard]] const Dispatch& dispatch() const { return *services_->dispatch; }

    [[nodiscard]] std::vector<PaletteEntry> sorted() {
        std::ranges::stable_sort(found_, [](const auto& a, const auto& b) { return a.first > b.first; });
        std::vector<PaletteEntry> entries;
        for (auto& [score, entry] : found_) {
            entries.push_back(std::move(entry));
        }
        return entries;
    }

  private:
    const PanelServices* services_;
    std::string_view query_;
    std::vector<std::pair<int, PaletteEntry>> found_;
};

void add_commands(Entries& entries, const KeyMap& keys) {
    for (const Command& command : entries.dispatch().commands().all()) {
        if (command.needs_arguments() || command.id == OpenPalette::id) {
            continue;
        }
        entries.add({fmt::format("{}: {}", command.group, command.title_now()), keys.map(command.chord).shown,
                     command.tooltip, command.why_not(),
                     [dispatch = &entries.dispatch(), id = command.id] { dispatch->run(id); }},
                    command.title);
    }
}

void add_files(Entries& entries, const Document& document) {
    for (const BundledAsset& scene : bundled_scenes()) {
        entries.add(
            {fmt::format("Open bundled scene: {}", scene.name), "", scene.about, "",
             [dispatch = &entries.dispatch(), name = scene.name] { dispatch->run(OpenBundledScene{name}); }});
    }
    for (const BundledAsset& weights : bundled_weights()) {
        entries.add({fmt::format("Open bundled weights: {}", weights.name), "", weights.about, "",
                     [dispatch = &entries.dispatch(), name = weights.name] {
                         dispatch->run(OpenBundledWeights{name});
                     }});
    }
    for (const std::string& path : document.recent) {
        const std::filesystem::path full = path;
        // Files of one name are told apart by their folders.
        entries.add({fmt::format("Open recent: {}", full.filename().string()),
                     full.parent_path().filename().string(), path, "",
                     [dispatch = &entries.dispatch(), path] { dispatch->run(OpenFile{path}); }});
    }
}

void add_panels(Entries& entries, const std::vector<std::string>& panels) {
    for (const std::string& panel : panels) {
        entries.add({fmt::format("Show panel: {}", panel), "", "Bring the panel to the front.", "",
                     [dispatch = &entries.dispatch(), panel] { dispatch->run(ShowPanel{panel}); }});
    }
}

void add_presets(Entries& entries) {
    static constexpr std::array<const char*, 6> presets = {"orbit",      "spiral",    "dolly",
                                                           "dolly-zoom", "turntable", "inputs"};
    const Command* command = entries.dispatch().find<UsePathPreset>();
    for (const char* preset : presets) {
        entries.add({fmt::format("Camera path: preset {}", preset), "", command->tooltip, command->why_not(),
                     [dispatch = &entries.dispatch(), preset] {
                         dispatch->run(UsePathPreset{.preset = preset, .seconds = {}});
                     }});
    }
}

void add_axes(Entries& entries) {
    const Command* command = entries.dispatch().find<ViewFromAxis>();
    for (const char* axis : {"x", "y", "z", "-x", "-y", "-z"}) {
        entries.add({fmt::format("Camera: Look from {}", axis), "", command->tooltip, command->why_not(),
                     [dispatch = &entries.dispatch(), axis] { dispatch->run(ViewFromAxis{axis}); }});
    }
}

/// Sets a parameter and shows why it cannot be set.
std::function<void()> setting(const Dispatch& dispatch, const Parameter& parameter, ParameterValue value) {
    return [&dispatch, id = parameter.id, value = std::move(value)] {
        dispatch.report(dispatch.parameters().set(id, value));
    };
}

void add_parameter(Entries& entries, const Parameter& parameter, const std::optional<NumberQuery>& number) {
    const ParameterValue now = parameter.get();
    const Domain domain = parameter.domain();
    const auto title = [&](std::string_view value) {
        return fmt::format("{}: {} {}", parameter.group, parameter.title, value);
    };
    if (std::holds_alternative<Switch>(domain)) {
        const bool on = now.get<bool>();
        entries.add({title(on ? "off" : "on"), on ? "is on" : "is off", parameter.tooltip, "",
                     setting(entries.dispatch(), parameter, !on)});
    } else if (const auto* choices = std::get_if<Choices>(&domain)) {
        for (const std::string& name : choices->names) {
            const bool current = now.is_text() && now.get<std::string>() == name;
            entries.add({title(name), current ? "current" : "", parameter.tooltip, "",
                         setting(entries.dispatch(), parameter, name)});
        }
    } else if (number &&
               (std::holds_alternative<Numbers>(domain) || std::holds_alternative<WholeNumbers>(domain))) {
        const bool whole = std::holds_alternative<WholeNumbers>(domain);
        // A fraction stays one: the domain of whole numbers refuses it, and says what it takes.
        const bool fraction = std::trunc(number->number) != number->number;
        const ParameterValue value = whole && !fraction && std::abs(number->number) < 1e15
                                         ? ParameterValue(static_cast<long long>(number->number))
                                         : ParameterValue(number->number);
        const auto possible = check(domain, value);
        entries.add_matching(
            {title(value.shown()), "now " + now.shown(), parameter.tooltip,
             possible ? "" : possible.error().what, setting(entries.dispatch(), parameter, value)},
            number->words);
    }
}

}  // namespace

std::vector<PaletteEntry> palette_entries(const PanelServices& services, const KeyMap& keys,
                                          const std::vector<std::string>& panels, std::string_view query) {
    Entries entries(services, query);
    add_commands(entries, keys);
    add_panels(entries, panels);
    add_files(entries, *services.document);
    add_presets(entries);
    add_axes(entries);
    const auto number = number_at_end(query);
    for (const Parameter& parameter : services.dispatch->parameters().all()) {
        add_parameter(entries, parameter, number);
    }
    return entries.sorted();
}

void CommandPalette::draw_entries(PanelContext& context, const std::vector<PaletteEntry>& entries,
                                  bool entered) {
    const auto count = static_cast<int>(std::min(entries.size(), most_shown));
    const bool moved = ImGui::IsKeyPressed(ImGuiKey_DownArrow) || ImGui::IsKeyPressed(ImGuiKey_UpArrow);
    if (moved) {
        chosen_ += ImGui::IsKeyPressed(ImGuiKey_DownArrow) ? 1 : -1;
    }
    chosen_ = std::clamp(chosen_, 0, std::max(0, count - 1));
    const PaletteEntry* run = nullptr;
    if (ImGui::BeginChild("entries", {0, 0}, ImGuiChildFlags_None, ImGuiWindowFlags_NoNav)) {
        const float right = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x;
        for (int i = 0; i < count; ++i) {
            const PaletteEntry& entry = entries[static_cast<std::size_t>(i)];
            ImGui::PushID(i);
            ImGui::BeginDisabled(!entry.why_not.empty());
            if (ImGui::Selectable(entry.title.c_str(), i == chosen_)) {
                run = &entry;
            }
            ImGui::EndDisabled();
            if (i == chosen_ && moved) {
                ImGui::SetScrollHereY();
            }
            tip(context, entry.tooltip, entry.why_not);
            const float width = ImGui::CalcTextSize(entry.detail.c_str()).x;
            ImGui::SameLine(right - width);
            ImGui::TextColored(context.colours.muted, "%s", entry.detail.c_str());
            ImGui::PopID();
        }
        if (count == 0) {
            ImGui::TextColored(context.colours.muted, "Nothing is called like this.");
        }
    }
    ImGui::EndChild();
    if (entered && count > 0 && entries[static_cast<std::size_t>(chosen_)].why_not.empty()) {
        run = &entries[static_cast<std::size_t>(chosen_)];
    }
    if (run != nullptr) {
        ImGui::CloseCurrentPopup();
        run->run();
    }
}

void CommandPalette::draw(PanelContext& context) {
    if (std::exchange(services_.document->palette_requested, false)) {
        ImGui::OpenPopup(palette_title);
        query_.clear();
        chosen_ = 0;
    }
    if (!ImGui::IsPopupOpen(palette_title)) {
        return;
    }
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    const ImVec2 work = viewport->WorkSize;
    ImGui::SetNextWindowPos({viewport->WorkPos.x + work.x / 2, viewport->WorkPos.y + work.y * 0.12F},
                            ImGuiCond_Always, {0.5F, 0});
    ImGui::SetNextWindowSize(
        {std::min(620 * context.scale, work.x * 0.9F), std::min(440 * context.scale, work.y * 0.75F)});
    if (!ImGui::BeginPopup(palette_title, ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings)) {
        return;
    }
    if (ImGui::IsWindowAppearing()) {
        ImGui::SetKeyboardFocusHere();
    }
    ImGui::SetNextItemWidth(-1);
    const std::string before = query_;
    const bool entered =
        ImGui::InputTextWithHint("##query", "Command, panel, file or setting (\"inner steps 16\")", &query_,
                                 ImGuiInputTextFlags_EnterReturnsTrue);
    if (query_ != before) {
        chosen_ = 0;
    }
    if (pressed_in_dialog(ImGuiKey_Escape)) {
        ImGui::CloseCurrentPopup();
    }
    draw_entries(context, palette_entries(services_, context.keys, panels_, query_), entered);
    ImGui::EndPopup();
}

}  // namespace lact::app
