#include "app/ui/dialogs.h"

#include "app/commands/command_table.h"
#include "app/document/open_target.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <fmt/format.h>
#include <imgui_stdlib.h>

namespace lact::app {

namespace {

constexpr const char* error_title = "Something did not work###error";
constexpr const char* open_title = "Open###open";

void centre_next_window(float width) {
    ImGui::SetNextWindowPos(ImGui::GetMainViewport()->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    ImGui::SetNextWindowSize({width, 0}, ImGuiCond_Appearing);
}

}  // namespace

void ErrorDialog::draw(PanelContext& context) {
    for (LogEntry& entry : services_.snapshot.log().after(seen_)) {
        seen_ = entry.sequence;
        if (entry.severity == Severity::error) {
            errors_.push_back(std::move(entry));
        }
    }
    if (errors_.empty()) {
        return;
    }
    if (!ImGui::IsPopupOpen(error_title)) {
        ImGui::OpenPopup(error_title);
    }
    centre_next_window(460 * context.scale);
    if (ImGui::BeginPopupModal(error_title, nullptr, ImGuiWindowFlags_NoSavedSettings)) {
        for (const LogEntry& entry : errors_) {
            ImGui::PushTextWrapPos(0);
            if (!entry.where.empty()) {
                ImGui::PushFont(context.fonts.mono, 0);
                ImGui::TextWrapped("%s", entry.where.c_str());
                ImGui::PopFont();
            }
            ImGui::PushStyleColor(ImGuiCol_Text, context.colours.error);
            ImGui::TextWrapped("%s", entry.what.c_str());
            ImGui::PopStyleColor();
            if (!entry.hint.empty()) {
                ImGui::TextWrapped("%s", entry.hint.c_str());
            }
            ImGui::PopTextWrapPos();
            ImGui::Separator();
        }
        ImGui::TextColored(context.colours.muted, "What was open before is unchanged.");
        const bool chosen = draw_offer(context);
        if (chosen || ImGui::Button("Close", {90 * context.scale, 0}) ||
            ImGui::IsKeyPressed(ImGuiKey_Escape) || ImGui::IsKeyPressed(ImGuiKey_Enter)) {
            errors_.clear();
            dismissed_ = services_.snapshot->offer;
            ImGui::CloseCurrentPopup();
        }
        tip(context, "The messages stay in the Status panel.");
        ImGui::EndPopup();
    }
}

bool ErrorDialog::draw_offer(PanelContext& context) {
    const auto offer = services_.snapshot->offer;
    if (!offer || offer == dismissed_) {
        return false;
    }
    const SmallerRequest& fits = offer->probe.offer;
    const std::string path = offer->request.path.string();
    bool chosen = false;
    if (fits.views > 0 &&
        button(context,
               fmt::format("Open with {} input view{}", fits.views, fits.views == 1 ? "" : "s").c_str(),
               "The same scene and size, fewer photos to learn from.")) {
        services_.dispatch->run(OpenScene{.path = path, .views = fits.views, .size = {}});
        chosen = true;
    }
    if (fits.size.width > 0) {
        if (fits.views > 0) {
            ImGui::SameLine();
        }
        const std::string size = fmt::format("{}x{}", fits.size.width, fits.size.height);
        if (button(context, fmt::format("Open at {}", size).c_str(),
                   "The same scene and input views, smaller pictures. Weights do not carry over to "
                   "sizes they were not trained on.")) {
            services_.dispatch->run(OpenScene{.path = path, .views = {}, .size = size});
            chosen = true;
        }
    }
    return chosen;
}

void OpenDialog::draw_probe(PanelContext& context) {
    const Snapshot& snapshot = *services_.snapshot;
    if (path_.empty() || !snapshot.weights) {
        return;
    }
    const WeightsSummary& weights = *snapshot.weights;
    const auto seen = prober_.at(typed_path(path_), weights.config, default_size(weights.info),
                                 weights.device.starts_with("cpu"));
    if (!seen) {
        return;
    }
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(seen->warns ? context.colours.warning : context.colours.muted, "%s",
                       seen->sentence.c_str());
    ImGui::PopTextWrapPos();
}

void OpenDialog::choose(const std::string& path) {
    services_.dispatch->run(OpenFile{path});
    ImGui::CloseCurrentPopup();
}

/// The desktop's own dialogs, beside the typed path.
void OpenDialog::draw_native(PanelContext& context) {
    const std::string why = !PathChooser::available() ? "This desktop has no file dialog (zenity or kdialog)."
                            : chooser_.open()         ? "It is open."
                                                      : "";
    if (button(context, fmt::format("{} Folder ...", icon::folder_open).c_str(),
               "Choose a scene's folder in the desktop's own dialog.", why)) {
        chooser_.choose_folder("Open a scene folder");
    }
    ImGui::SameLine();
    if (button(context, fmt::format("{} File ...", icon::folder_open).c_str(),
               "Choose a weight file, a session, a script or a film in the desktop's own dialog.", why)) {
        chooser_.choose_file("Open");
    }
}

/// What was chosen in the desktop's dialog, which may outlive ours.
std::optional<std::string> OpenDialog::take_native(PanelContext& context) {
    if (!chooser_.open()) {
        return std::nullopt;
    }
    context.animate = true;  // The dialog tells nobody when it is closed.
    return chooser_.take();
}

void OpenDialog::draw_bundled(PanelContext& context, const char* icon, std::span<const BundledAsset> assets,
                              const std::function<void(const std::string& name)>& open) {
    const float right = ImGui::GetCursorScreenPos().x + ImGui::GetContentRegionAvail().x;
    bool first = true;
    for (const BundledAsset& asset : assets) {
        const std::string label = fmt::format("{} {}", icon, asset.name);
        const float width = ImGui::CalcTextSize(label.c_str()).x + 2 * ImGui::GetStyle().FramePadding.x;
        if (!first && ImGui::GetItemRectMax().x + ImGui::GetStyle().ItemSpacing.x + width < right) {
            ImGui::SameLine();
        }
        first = false;
        if (button(context, label.c_str(), asset.about)) {
            open(asset.name);
            ImGui::CloseCurrentPopup();
        }
    }
}

void OpenDialog::draw(PanelContext& context) {
    if (std::exchange(services_.document->open_dialog_requested, false)) {
        ImGui::OpenPopup(open_title);
    }
    const std::optional<std::string> chosen = take_native(context);
    centre_next_window(560 * context.scale);
    bool keep = true;
    if (!ImGui::BeginPopupModal(open_title, &keep, ImGuiWindowFlags_NoSavedSettings)) {
        if (chosen) {
            services_.dispatch->run(OpenFile{*chosen});
        }
        return;
    }
    if (chosen) {
        choose(*chosen);
    }
    if (ImGui::IsKeyPressed(ImGuiKey_Escape)) {
        ImGui::CloseCurrentPopup();
    }
    ImGui::TextUnformatted("Path of a scene folder, a folder of photos, a weight file or a script");
    if (ImGui::IsWindowAppearing()) {
        ImGui::SetKeyboardFocusHere();
    }
    ImGui::SetNextItemWidth(-80 * context.scale);
    const bool entered = ImGui::InputText("##path", &path_, ImGuiInputTextFlags_EnterReturnsTrue);
    ImGui::SameLine();
    if (button(context, "Open", "Open what stands at this path.", path_.empty() ? "Type a path first." : "",
               {-1, 0}) ||
        (entered && !path_.empty())) {
        choose(typed_path(path_));
    }
    draw_probe(context);
    draw_native(context);
    ImGui::SeparatorText("Bundled scenes");
    draw_bundled(context, icon::cube, bundled_scenes(),
                 [this](const std::string& name) { services_.dispatch->run(OpenBundledScene{name}); });
    ImGui::SeparatorText("Bundled weights");
    draw_bundled(context, icon::grid, bundled_weights(),
                 [this](const std::string& name) { services_.dispatch->run(OpenBundledWeights{name}); });
    if (!services_.document->recent.empty()) {
        ImGui::SeparatorText("Open before");
        const std::vector<std::string> recent = services_.document->recent;
        for (const std::string& path : recent) {
            if (ImGui::Selectable(path.c_str())) {
                choose(path);
            }
        }
    }
    ImGui::EndPopup();
}

}  // namespace lact::app
