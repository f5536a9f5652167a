#include "app/ui/dialogs.h"

#include "app/commands/command_table.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/core/counted.h"
#include "engine/core/printable.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr const char* error_title = "Error###error";
constexpr const char* quit_title = "Quit###quit";
constexpr const char* consent_title = "What may this file do?###consent";

/// SceneSummary::sequence; 0 where no scene is open.
std::uint64_t sequence_of(const SceneSummary* scene) {
    return scene != nullptr ? scene->sequence : 0;
}

void centre_next_window(float width) {
    ImGui::SetNextWindowPos(ImGui::GetMainViewport()->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    ImGui::SetNextWindowSize({width, 0}, ImGuiCond_Appearing);
}

}  // namespace

bool pressed_in_dialog(ImGuiKey key) {
    return !ImGui::IsWindowAppearing() && ImGui::IsKeyPressed(key, false);
}

bool open_when_alone(const char* title) {
    if (!ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup)) {
        ImGui::OpenPopup(title);
    }
    return ImGui::IsPopupOpen(title);
}

void ErrorDialog::take_errors() {
    for (LogEntry& entry : services_.snapshot.log().after(seen_)) {
        seen_ = entry.sequence;
        if (entry.severity == Severity::error) {
            errors_.push_back(std::move(entry));
        }
    }
    if (errors_.empty()) {
        weights_before_ = services_.snapshot->weights;
        scene_before_ = sequence_of(services_.snapshot->scene.get());
    }
}

bool ErrorDialog::unchanged() const {
    return services_.snapshot->weights == weights_before_ &&
           sequence_of(services_.snapshot->scene.get()) == scene_before_;
}

void ErrorDialog::draw(PanelContext& context) {
    take_errors();
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
        if (services_.snapshot->weights && unchanged()) {
            ImGui::TextColored(context.colours.muted, "The open scene and weights are unchanged.");
        }
        const bool chosen = draw_offer(context);
        if (chosen || ImGui::Button("Close", {90 * context.scale, 0}) || pressed_in_dialog(ImGuiKey_Escape) ||
            pressed_in_dialog(ImGuiKey_Enter) || pressed_in_dialog(ImGuiKey_KeypadEnter)) {
            errors_.clear();
            dismissed_ = services_.snapshot->offer;
            ImGui::CloseCurrentPopup();
        }
        tip(context, "The Status panel keeps the messages.");
        ImGui::EndPopup();
    }
}

namespace {

std::string offered_size(Size size) {
    return fmt::format("{}x{}", size.width, size.height);
}

/// The input views that were requested by index; empty where only their number was. For the scene that is
/// open they are those that the user has chosen there.
std::vector<std::size_t> requested_views(const MemoryOffer& offer, const Document& document,
                                         const SceneSummary* open) {
    if (!offer.request.inputs.empty() || open == nullptr || open->path != offer.request.path) {
        return offer.request.inputs;
    }
    std::vector<std::size_t> chosen = requested_inputs(document, *open);
    return chosen.size() == offer.probe.inputs ? chosen : std::vector<std::size_t>();
}

}  // namespace

OpenScene with_fewer_views(const MemoryOffer& offer, const Document& document, const SceneSummary* open) {
    OpenScene request;
    request.path = offer.request.path.string();
    request.size = offered_size(offer.probe.size);
    request.views = offer.probe.offer.views;
    if (auto views = requested_views(offer, document, open); !views.empty()) {
        views.resize(std::min(views.size(), offer.probe.offer.views));
        request.inputs = std::move(views);
    }
    return request;
}

OpenScene at_smaller_size(const MemoryOffer& offer, const Document& document, const SceneSummary* open) {
    OpenScene request;
    request.path = offer.request.path.string();
    request.size = offered_size(offer.probe.offer.size);
    request.views = offer.probe.inputs;
    if (auto views = requested_views(offer, document, open); !views.empty()) {
        request.inputs = std::move(views);
    }
    return request;
}

/// Weights that were to be opened with the scene are opened, too, unless they are open by now.
void ErrorDialog::open_offered(const MemoryOffer& offer, const OpenScene& scene) {
    const auto& open = services_.snapshot->weights;
    if (!offer.weights.empty() && (!open || open->path != offer.weights)) {
        services_.dispatch->run(OpenFile{offer.weights.string()});
    }
    services_.dispatch->run(scene);
}

bool ErrorDialog::draw_offer(PanelContext& context) {
    const auto offer = services_.snapshot->offer;
    if (!offer || offer == dismissed_) {
        return false;
    }
    const SmallerRequest& fits = offer->probe.offer;
    const Document& document = *services_.document;
    const SceneSummary* open = services_.snapshot->scene.get();
    bool chosen = false;
    if (fits.views > 0 && button(context, ("Open with " + counted(fits.views, "input view")).c_str(),
                                 "Same scene and size, fewer input photos.")) {
        open_offered(*offer, with_fewer_views(*offer, document, open));
        chosen = true;
    }
    if (fits.size.width > 0) {
        if (fits.views > 0) {
            ImGui::SameLine();
        }
        if (button(context, fmt::format("Open at {}", offered_size(fits.size)).c_str(),
                   "Same scene and input views, smaller images. Weights do not generalise to sizes outside "
                   "their training data.")) {
            open_offered(*offer, at_smaller_size(*offer, document, open));
            chosen = true;
        }
    }
    return chosen;
}

namespace {

constexpr const char* popup_title = "Photos without camera poses###poses";

/// "1225 pairs" or "neighbours in file-name order".
std::string pairs_of(PhotoMatching matching, std::size_t photos) {
    return matching_for(matching, photos) == PhotoMatching::exhaustive
               ? counted(photos * (photos - 1) / 2, "pair")
               : "neighbours in file-name order";
}

}  // namespace

void PosesDialog::close() {
    offer().reset();
    ImGui::CloseCurrentPopup();
}

void PosesDialog::find() {
    services_.dispatch->run(FindPoses{.path = offer()->folder.string(),
                                      .matching = std::string(to_string(matching_)),
                                      .one_camera = one_camera_});
    close();
}

void PosesDialog::draw(PanelContext& context) {
    if (!offer() || !open_when_alone(popup_title)) {
        return;
    }
    centre_next_window(540 * context.scale);
    bool keep = true;
    if (!ImGui::BeginPopupModal(popup_title, &keep, ImGuiWindowFlags_NoSavedSettings)) {
        if (!keep) {
            offer().reset();
        }
        return;
    }
    draw_explanation(context);
    draw_choices(context);
    draw_buttons(context);
    ImGui::EndPopup();
}

void PosesDialog::draw_explanation(const PanelContext& context) const {
    ImGui::PushFont(context.fonts.mono, 0);
    ImGui::TextWrapped("%s", printable_line(offer()->folder.string()).c_str());
    ImGui::PopFont();
    ImGui::TextWrapped(
        "The folder has %s but no camera poses. COLMAP is installed and can estimate the poses from "
        "the photos in three steps:",
        counted(offer()->photos, "photo").c_str());
    if (begin_rows("steps")) {
        row(context, "1  features", "distinctive points in each photo");
        row(context, "2  matches", "the same points in several photos");
        row(context, "3  cameras", "poses that are consistent with all matches");
        end_rows();
    }
    ImGui::TextWrapped(
        "This may take minutes and runs in the background. A notification shows the progress and has a stop "
        "button. COLMAP writes the poses to the folder \"sparse\" and does not change the photos.");
}

void PosesDialog::draw_choices(const PanelContext& context) {
    struct Choice {
        PhotoMatching matching;
        const char* label;
        const char* tooltip;
    };
    static constexpr std::array<Choice, 3> choices = {{
        {PhotoMatching::automatic, "automatic", "All pairs for up to 200 photos, else neighbours."},
        {PhotoMatching::exhaustive, "all pairs",
         "Match every photo with every other one. Most reliable; slow for many photos."},
        {PhotoMatching::sequential, "neighbours",
         "Match photos that are near each other in file-name order, such as video frames."},
    }};
    ImGui::SeparatorText("Options");
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted("Matching");
    for (const Choice& choice : choices) {
        ImGui::SameLine();
        if (ImGui::RadioButton(choice.label, matching_ == choice.matching)) {
            matching_ = choice.matching;
        }
        tip(context, choice.tooltip);
    }
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "%s", pairs_of(matching_, offer()->photos).c_str());
    ImGui::Checkbox("Same camera and zoom for all photos", &one_camera_);
    tip(context,
        "COLMAP then estimates one set of intrinsics from all photos. Switch it off for photos of several "
        "cameras or zoom settings.");
}

void PosesDialog::draw_buttons(const PanelContext& context) {
    ImGui::Separator();
    const Command* command = services_.dispatch->find<FindPoses>();
    const std::string why = command != nullptr ? command->why_not() : std::string();
    const bool pressed = button(context, fmt::format("{} Find poses", icon::search).c_str(),
                                "Start COLMAP in the background and open the scene when it is done.", why);
    ImGui::SameLine();
    const bool cancelled = button(context, "Cancel", "Keep the scene that is open.");
    const bool entered = pressed_in_dialog(ImGuiKey_Enter) || pressed_in_dialog(ImGuiKey_KeypadEnter);
    if (pressed || (why.empty() && entered)) {
        find();
    } else if (cancelled || pressed_in_dialog(ImGuiKey_Escape)) {
        close();
    }
}

std::vector<std::string> losses_on_quit(const Document& document, bool records) {
    std::vector<std::string> losses;
    if (records) {
        losses.emplace_back("A video is being recorded; it stops, and no video is written.");
    }
    if (document.finds_poses) {
        losses.emplace_back("COLMAP is finding camera poses; it stops, and no pose is kept.");
    }
    if (document.runs_experiment) {
        losses.emplace_back("An experiment is running; it stops, and its report is lost.");
    }
    if (document.interaction) {
        losses.emplace_back("Your input is being recorded; it is lost.");
    }
    if (document.path.recording) {
        losses.emplace_back("Your flight is being recorded; it is lost.");
    }
    if (document.unsaved_path()) {
        losses.push_back(fmt::format("The camera path ({}) is not saved.",
                                     counted(document.path.track.keys.size(), "key")));
    }
    if (document.unsaved_script()) {
        losses.push_back(
            fmt::format("The script ({}) is not saved.", counted(document.script.steps.size(), "step")));
    }
    return losses;
}

void QuitDialog::draw(PanelContext& context) {
    Document& document = *services_.document;
    if (!document.quit_requested || !open_when_alone(quit_title)) {
        return;
    }
    centre_next_window(460 * context.scale);
    if (!ImGui::BeginPopupModal(quit_title, nullptr, ImGuiWindowFlags_NoSavedSettings)) {
        return;
    }
    const bool unsaved = document.unsaved_path() || document.unsaved_script();
    ImGui::PushTextWrapPos(0);
    for (const std::string& loss : losses_on_quit(document, document.records_video)) {
        ImGui::TextUnformatted(loss.c_str());
    }
    ImGui::PopTextWrapPos();
    bool done = false;
    if (unsaved &&
        button(context, fmt::format("{} Save the session ...", icon::save).c_str(),
               "Save camera path and script with everything that is shown, or that is shown when the script "
               "begins; the window stays open.")) {
        services_.dispatch->run(SaveSession{});
        done = true;
    }
    if (unsaved) {
        ImGui::SameLine();
    }
    if (button(context, "Quit anyway", "Close the window now.")) {
        document.quit_confirmed = true;
        services_.dispatch->run(Quit{});
        done = true;
    }
    ImGui::SameLine();
    if (button(context, "Cancel", "Keep the window open.") || pressed_in_dialog(ImGuiKey_Escape)) {
        done = true;
    }
    if (done) {
        document.quit_requested = false;
        ImGui::CloseCurrentPopup();
    }
    ImGui::EndPopup();
}

void ConsentDialog::draw(PanelContext& context) {
    const auto& question = services_.document->consent;
    if (!question || !open_when_alone(consent_title)) {
        return;
    }
    centre_next_window(560 * context.scale);
    if (!ImGui::BeginPopupModal(consent_title, nullptr, ImGuiWindowFlags_NoSavedSettings)) {
        return;
    }
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(printable_line(question->source).c_str());
    ImGui::TextUnformatted("It carries a script that does more than show something:");
    ImGui::PopTextWrapPos();
    const float most = 10 * ImGui::GetTextLineHeightWithSpacing();
    ImGui::SetNextWindowSizeConstraints({0, 0}, {FLT_MAX, most});
    if (ImGui::BeginChild("requests", {0, 0}, ImGuiChildFlags_AutoResizeY | ImGuiChildFlags_Borders)) {
        ImGui::PushTextWrapPos(0);
        for (const std::string& request : question->requests) {
            ImGui::TextColored(context.colours.warning, "%s", printable_line(request).c_str());
        }
        ImGui::PopTextWrapPos();
    }
    ImGui::EndChild();
    const char* answer = nullptr;
    if (button(context, "Open without these", "Open the file; the script leaves out these steps.")) {
        answer = "without";
    }
    ImGui::SameLine();
    if (button(context, "Allow", "Open the file; its script does all of this, once.")) {
        answer = "allow";
    }
    ImGui::SameLine();
    if (button(context, "Cancel", "Do not open the file.") || pressed_in_dialog(ImGuiKey_Escape)) {
        answer = "cancel";
    }
    if (answer != nullptr) {
        services_.dispatch->run(AnswerConsent{answer});
        ImGui::CloseCurrentPopup();
    }
    ImGui::EndPopup();
}

}  // namespace lact::app
