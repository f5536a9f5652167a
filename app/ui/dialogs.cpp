#include "app/ui/dialogs.h"

#include "app/commands/command_table.h"
#include "app/document/open_target.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/core/printable.h"

#include <array>
#include <string>

#include <fmt/format.h>
#include <imgui_stdlib.h>
#include <portable_file_dialogs.h>

namespace lact::app {

/// Exactly one pointer is set. Each destructor waits for its process.
struct PathChooser::Dialog {
    std::unique_ptr<pfd::open_file> file;
    std::unique_ptr<pfd::select_folder> folder;
};

PathChooser::PathChooser() = default;
PathChooser::~PathChooser() = default;

bool PathChooser::available() {
    static const bool there = pfd::settings::available();
    return there;
}

void PathChooser::choose_file(const std::string& title) {
    dialog_ = std::make_unique<Dialog>();
    dialog_->file = std::make_unique<pfd::open_file>(title);
}

void PathChooser::choose_folder(const std::string& title) {
    dialog_ = std::make_unique<Dialog>();
    dialog_->folder = std::make_unique<pfd::select_folder>(title);
}

bool PathChooser::open() const {
    return dialog_ != nullptr;
}

std::optional<std::string> PathChooser::take() {
    if (!dialog_) {
        return std::nullopt;
    }
    std::string chosen;
    if (dialog_->file) {
        if (!dialog_->file->ready(0)) {
            return std::nullopt;
        }
        const auto files = dialog_->file->result();
        chosen = files.empty() ? std::string() : files.front();
    } else {
        if (!dialog_->folder->ready(0)) {
            return std::nullopt;
        }
        chosen = dialog_->folder->result();
    }
    dialog_.reset();
    return chosen.empty() ? std::nullopt : std::optional(chosen);
}

namespace {

constexpr const char* error_title = "Error###error";
constexpr const char* open_title = "Open###open";

/// Whether a key was pressed for the dialog that is being drawn. The press that made it appear, such as Enter
/// in another dialog, is not meant for it.
bool pressed_here(ImGuiKey key) {
    return !ImGui::IsWindowAppearing() && ImGui::IsKeyPressed(key, false);
}

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
        ImGui::TextColored(context.colours.muted, "The open scene and weights are unchanged.");
        const bool chosen = draw_offer(context);
        if (chosen || ImGui::Button("Close", {90 * context.scale, 0}) || pressed_here(ImGuiKey_Escape) ||
            pressed_here(ImGuiKey_Enter) || pressed_here(ImGuiKey_KeypadEnter)) {
            errors_.clear();
            dismissed_ = services_.snapshot->offer;
            ImGui::CloseCurrentPopup();
        }
        tip(context, "The Status panel keeps the messages.");
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
               "Same scene and size, fewer input photos.")) {
        services_.dispatch->run(OpenScene{.path = path, .views = fits.views, .size = {}});
        chosen = true;
    }
    if (fits.size.width > 0) {
        if (fits.views > 0) {
            ImGui::SameLine();
        }
        const std::string size = fmt::format("{}x{}", fits.size.width, fits.size.height);
        if (button(context, fmt::format("Open at {}", size).c_str(),
                   "Same scene and input views, smaller images. Weights do not generalise to sizes outside "
                   "their training data.")) {
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

/// Draws buttons that open the desktop's file dialogs.
void OpenDialog::draw_native(PanelContext& context) {
    const std::string why = !PathChooser::available() ? "This desktop has no file dialog (zenity or kdialog)."
                            : chooser_.open()         ? "The file dialog is already open."
                                                      : "";
    if (button(context, fmt::format("{} Folder...", icon::folder_open).c_str(),
               "Choose a scene folder in the file dialog of the desktop.", why)) {
        chooser_.choose_folder("Open a scene folder");
    }
    ImGui::SameLine();
    if (button(context, fmt::format("{} File...", icon::folder_open).c_str(),
               "Choose a weight file, a session, a script or a video in the file dialog of the desktop.",
               why)) {
        chooser_.choose_file("Open");
    }
}

/// Returns the path chosen in the desktop's dialog, which may stay open longer than this one.
std::optional<std::string> OpenDialog::take_native(PanelContext& context) {
    if (!chooser_.open()) {
        return std::nullopt;
    }
    context.animate = true;  // The dialog sends no event when it closes.
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
    if (pressed_here(ImGuiKey_Escape)) {
        ImGui::CloseCurrentPopup();
    }
    ImGui::TextUnformatted("Path of a scene folder, photo folder, weight file, session, script or video");
    if (ImGui::IsWindowAppearing()) {
        ImGui::SetKeyboardFocusHere();
    }
    ImGui::SetNextItemWidth(-80 * context.scale);
    const bool entered = ImGui::InputText("##path", &path_, ImGuiInputTextFlags_EnterReturnsTrue);
    ImGui::SameLine();
    if (button(context, "Open", "Open the file or folder at this path.",
               path_.empty() ? "Type a path first." : "", {-1, 0}) ||
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
        ImGui::SeparatorText("Recent");
        const std::vector<std::string> recent = services_.document->recent;
        for (const std::string& path : recent) {
            if (ImGui::Selectable(printable_line(path).c_str())) {
                choose(path);
            }
        }
    }
    ImGui::EndPopup();
}

namespace {

constexpr const char* popup_title = "Photos without camera poses###poses";

/// "1225 pairs" or "neighbours in file-name order".
std::string pairs_of(PhotoMatching matching, std::size_t photos) {
    return matching_for(matching, photos) == PhotoMatching::exhaustive
               ? fmt::format("{} pairs", photos * (photos - 1) / 2)
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
    if (!offer()) {
        return;
    }
    // Other dialogs, such as an error, come first.
    if (!ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup)) {
        ImGui::OpenPopup(popup_title);
    }
    if (!ImGui::IsPopupOpen(popup_title)) {
        return;  // BeginPopupModal() would report a closed dialog.
    }
    ImGui::SetNextWindowPos(ImGui::GetMainViewport()->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    ImGui::SetNextWindowSize({540 * context.scale, 0}, ImGuiCond_Appearing);
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
        "The folder has %zu photos but no camera poses. COLMAP is installed and can estimate the poses from "
        "the photos in three steps:",
        offer()->photos);
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
    const bool entered = pressed_here(ImGuiKey_Enter) || pressed_here(ImGuiKey_KeypadEnter);
    if (pressed || (why.empty() && entered)) {
        find();
    } else if (cancelled || pressed_here(ImGuiKey_Escape)) {
        close();
    }
}

}  // namespace lact::app
