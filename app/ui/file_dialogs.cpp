#include "app/ui/file_dialogs.h"

#include "app/commands/command_table.h"
#include "app/document/open_target.h"
#include "app/ui/dialogs.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/core/printable.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <imgui_stdlib.h>
#include <unistd.h>

namespace lact::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* open_title = "Open###open";
constexpr const char* save_title = "###save";
constexpr const char* folder_title = "Choose a folder###folder";

fs::path current_folder() {
    std::error_code problem;
    return fs::current_path(problem);
}

/// Size of a file dialog: as large as is useful, within the window.
ImVec2 dialog_size(const PanelContext& context) {
    const ImVec2 work = ImGui::GetMainViewport()->WorkSize;
    return {std::min(860 * context.scale, work.x * 0.95F), std::min(580 * context.scale, work.y * 0.92F)};
}

void place_dialog(const PanelContext& context) {
    ImGui::SetNextWindowPos(ImGui::GetMainViewport()->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    ImGui::SetNextWindowSize(dialog_size(context), ImGuiCond_Appearing);
}

float places_width(const PanelContext& context) {
    return std::min(150 * context.scale, ImGui::GetContentRegionAvail().x / 4);
}

}  // namespace

Size size_to_open(const Snapshot& snapshot, const Document& document) {
    if (document.requested_size) {
        return *document.requested_size;
    }
    return snapshot.scene ? snapshot.scene->size : default_size(snapshot.weights->info);
}

void OpenDialog::open(const std::string& path) {
    services_.dispatch->run(OpenFile{path});
    ImGui::CloseCurrentPopup();
}

fs::path OpenDialog::typed() const {
    const fs::path path = typed_path(path_);
    return path.is_relative() && !at_start_ ? browser_.folder() / path : path;
}

void OpenDialog::choose() {
    const fs::path full = typed();
    std::error_code problem;
    if (fs::is_directory(full, problem) && dispatch_path(full).kind == OpenKind::unknown) {
        browser_.go_to(full);
        at_start_ = false;
        return;
    }
    open(full.string());
}

void OpenDialog::draw_probe(PanelContext& context) {
    const Snapshot& snapshot = *services_.snapshot;
    const float height = ImGui::GetTextLineHeightWithSpacing();
    const ImVec2 corner = ImGui::GetCursorPos();
    if (!path_.empty() && snapshot.weights) {
        const WeightsSummary& weights = *snapshot.weights;
        const auto seen =
            prober_.at(typed().string(), {weights.config, size_to_open(snapshot, *services_.document),
                                          weights.device.starts_with("cpu"), weights.precision});
        if (seen) {
            ImGui::PushTextWrapPos(0);
            ImGui::TextColored(seen->warns ? context.colours.warning : context.colours.muted, "%s",
                               seen->sentence.c_str());
            ImGui::PopTextWrapPos();
        }
    }
    // The list below stays where it is when the sentence comes.
    ImGui::SetCursorPos({corner.x, std::max(ImGui::GetCursorPosY(), corner.y + height)});
}

void OpenDialog::draw_field(PanelContext& context) {
    if (ImGui::IsWindowAppearing()) {
        ImGui::SetKeyboardFocusHere();
    }
    ImGui::SetNextItemWidth(-90 * context.scale);
    const bool entered = path_input("##path", path_, at_start_ ? current_folder() : browser_.folder());
    tip(context,
        "Path of a scene folder, photo folder, weight file, session, script or video. Tab completes it.");
    ImGui::SameLine();
    if (button(context, "Open", "Open the file or folder at this path.",
               path_.empty() ? "Choose something, or type a path." : "", {-1, 0}) ||
        (entered && !path_.empty())) {
        choose();
    }
}

void OpenDialog::draw_bundled_scenes(PanelContext& context) {
    const float side = 74 * context.scale;
    const float pad = 4 * context.scale;
    Flow flow;
    for (const BundledAsset& asset : bundled_scenes()) {
        const auto folder = find_bundled_scene(asset.name);
        if (!folder) {
            continue;
        }
        flow.next(side + 2 * pad);
        ImGui::PushID(asset.name);
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        const ImVec2 size{side + 2 * pad, side + 3 * pad + ImGui::GetTextLineHeight()};
        if (ImGui::Selectable("##scene", false, 0, size)) {
            services_.dispatch->run(OpenBundledScene{asset.name});
            ImGui::CloseCurrentPopup();
        }
        tip(context, asset.about);
        previews_->draw(context, *folder, true, {corner.x + pad, corner.y + pad}, side);
        const std::string name = asset.name;
        const float width = ImGui::CalcTextSize(name.c_str()).x;
        ImDrawList& list = *ImGui::GetWindowDrawList();
        list.PushClipRect(corner, {corner.x + size.x, corner.y + size.y}, true);
        list.AddText({corner.x + std::max(pad, (size.x - width) / 2), corner.y + side + 2 * pad},
                     ImGui::GetColorU32(ImGuiCol_Text), name.c_str());
        list.PopClipRect();
        ImGui::PopID();
    }
}

void OpenDialog::draw_bundled_weights(PanelContext& context) {
    Flow flow;
    for (const BundledAsset& asset : bundled_weights()) {
        if (flow.button(context, fmt::format("{} {}", icon::grid, asset.name).c_str(), asset.about)) {
            services_.dispatch->run(OpenBundledWeights{asset.name});
            ImGui::CloseCurrentPopup();
        }
    }
}

void OpenDialog::draw_recent(PanelContext& context) {
    const std::vector<std::string> recent = services_.document->recent;
    const float side = 1.6F * ImGui::GetTextLineHeight();
    for (const std::string& path : recent) {
        // Nothing is asked of the disk here: it may be one of a network that does not answer.
        const auto known = previews_->of(path);
        const bool there = !known || known->there;
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        ImGui::PushID(path.c_str());
        if (ImGui::Selectable("##recent", path_ == path, ImGuiSelectableFlags_AllowDoubleClick, {0, side})) {
            path_ = path;
            if (ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
                open(path);
            }
        }
        tip(context, path + (there ? "" : "\nIt is not there any more."));
        previews_->draw(context, path, known && known->folder, corner, side);
        const fs::path full = path;
        ImDrawList& list = *ImGui::GetWindowDrawList();
        const float line = corner.y + (side - ImGui::GetTextLineHeight()) / 2;
        const float left = corner.x + side + ImGui::GetStyle().ItemSpacing.x;
        const std::string name = printable_line(full.filename().string());
        list.AddText({left, line}, ImGui::GetColorU32(there ? ImGuiCol_Text : ImGuiCol_TextDisabled),
                     name.c_str());
        list.AddText({left + ImGui::CalcTextSize(name.c_str()).x + 2 * ImGui::GetStyle().ItemSpacing.x, line},
                     ImGui::GetColorU32(context.colours.muted),
                     printable_line(full.parent_path().string()).c_str());
        ImGui::PopID();
    }
}

void OpenDialog::draw_start(PanelContext& context, ImVec2 size) {
    if (ImGui::BeginChild("start", size)) {
        ImGui::SeparatorText("Bundled scenes");
        draw_bundled_scenes(context);
        ImGui::SeparatorText("Bundled weights");
        draw_bundled_weights(context);
        if (!services_.document->recent.empty()) {
            ImGui::SeparatorText("Recent");
            draw_recent(context);
        }
    }
    ImGui::EndChild();
}

void OpenDialog::draw_places(PanelContext& context) {
    std::vector<FolderPlace> places = browser_.places();
    places.insert(places.begin(), FolderPlace{"Bundled, recent", {}});
    const auto chosen = FileBrowser::draw_places(context, places, at_start_ ? fs::path() : browser_.folder());
    if (chosen) {
        at_start_ = chosen->folder.empty();
        if (!at_start_) {
            browser_.go_to(chosen->folder);
        }
    }
}

void OpenDialog::draw(PanelContext& context) {
    if (std::exchange(services_.document->open_dialog_requested, false)) {
        ImGui::OpenPopup(open_title);
    }
    place_dialog(context);
    bool keep = true;
    if (!ImGui::BeginPopupModal(open_title, &keep, ImGuiWindowFlags_NoSavedSettings)) {
        return;
    }
    if (ImGui::IsWindowAppearing()) {
        path_.clear();
        at_start_ = true;
    }
    if (pressed_in_dialog(ImGuiKey_Escape)) {
        ImGui::CloseCurrentPopup();
    }
    draw_field(context);
    draw_probe(context);
    const float height = ImGui::GetContentRegionAvail().y;
    if (ImGui::BeginChild("places", {places_width(context), height})) {
        draw_places(context);
    }
    ImGui::EndChild();
    ImGui::SameLine();
    const ImVec2 size{ImGui::GetContentRegionAvail().x, height};
    if (at_start_) {
        draw_start(context, size);
    } else if (const BrowserEvent event = browser_.draw(context, size);
               event.kind != BrowserEvent::Kind::none) {
        path_ = event.entry.path.string();
        if (event.kind == BrowserEvent::Kind::opened) {
            open(path_);
        }
    }
    ImGui::EndPopup();
}

void SaveDialog::begin(const SaveRequest& request) {
    const Document& document = *services_.document;
    fs::path folder = request.suggested.has_parent_path() ? request.suggested.parent_path()
                      : document.save_folder.empty()      ? current_folder()
                                                          : document.save_folder;
    std::error_code problem;
    if (!fs::is_directory(folder, problem)) {
        folder = current_folder();
    }
    browser_.go_to(folder);
    name_ = request.suggested.filename().string();
    replaces_.reset();
    focus_ = true;
}

fs::path SaveDialog::chosen(const SaveRequest& request) const {
    const fs::path typed = typed_path(name_);
    fs::path path = typed.is_absolute() ? typed : browser_.folder() / typed;
    const auto& allowed = request.extensions;
    if (!allowed.empty() && std::ranges::find(allowed, path.extension().string()) == allowed.end()) {
        path += allowed.front();
    }
    return path;
}

std::string SaveDialog::why_not(const SaveRequest& request) const {
    if (typed_path(name_).empty()) {
        return "Type a name.";
    }
    const fs::path path = chosen(request);
    std::error_code problem;
    const fs::path folder = path.parent_path();
    if (!fs::is_directory(folder, problem)) {
        return fmt::format("There is no folder {}.", folder.string());
    }
    if (::access(folder.c_str(), W_OK) != 0) {
        return fmt::format("The folder {} cannot be written.", folder.string());
    }
    if (!request.extensions.empty() && fs::is_directory(path, problem)) {
        return "There is a folder of this name.";
    }
    return {};
}

void SaveDialog::save(const SaveRequest& request) {
    const fs::path path = chosen(request);
    services_.document->save_folder = path.parent_path();
    nlohmann::json arguments = request.arguments;
    arguments[request.argument] = path.string();
    const std::string command = request.command;
    services_.document->save_request.reset();  // `request` ends here.
    services_.dispatch->report(services_.dispatch->commands().run(command, arguments));
    ImGui::CloseCurrentPopup();
}

void SaveDialog::draw_name(PanelContext& context, const SaveRequest& request) {
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted("Name");
    ImGui::SameLine();
    if (std::exchange(focus_, false)) {
        ImGui::SetKeyboardFocusHere();
    }
    ImGui::SetNextItemWidth(-200 * context.scale);
    const bool entered = path_input("##name", name_, browser_.folder());
    tip(context, request.extensions.empty()
                     ? std::string("Name of the folder.")
                     : fmt::format("Allowed extensions: {}.", fmt::join(request.extensions, ", ")));
    ImGui::SameLine();
    draw_buttons(context, request, entered);
}

void SaveDialog::draw_buttons(PanelContext& context, const SaveRequest& request, bool entered) {
    const std::string why = why_not(request);
    const float width = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) / 2;
    const bool pressed =
        button(context, fmt::format("{} Save", icon::save).c_str(),
               "Write " + (why.empty() ? chosen(request).string() : "the file") + ".", why, {width, 0});
    ImGui::SameLine();
    const bool cancelled = button(context, "Cancel", "Write nothing.", {}, {width, 0});
    if (cancelled || pressed_in_dialog(ImGuiKey_Escape)) {
        services_.document->save_request.reset();
        ImGui::CloseCurrentPopup();
        return;
    }
    if (!why.empty() || (!pressed && !entered)) {
        return;
    }
    nlohmann::json arguments = request.arguments;
    arguments[request.argument] = chosen(request).string();
    const Command* command = services_.dispatch->commands().find(request.command);
    replaces_ = command == nullptr ? std::nullopt : command->replaced_by(arguments);
    if (!replaces_) {
        save(request);
    }
}

void SaveDialog::draw(PanelContext& context) {
    if (!services_.document->save_request) {
        begun_ = false;
        return;
    }
    const SaveRequest& request = *services_.document->save_request;
    const std::string title = request.title + save_title;
    if (!open_when_alone(title.c_str())) {
        return;
    }
    if (!std::exchange(begun_, true)) {
        begin(request);
    }
    place_dialog(context);
    bool keep = true;
    if (!ImGui::BeginPopupModal(title.c_str(), &keep, ImGuiWindowFlags_NoSavedSettings)) {
        if (!keep) {
            services_.document->save_request.reset();
        }
        return;
    }
    const ImVec2 space = ImGui::GetContentRegionAvail();
    const float lines = ImGui::CalcTextSize(sentence(request).c_str(), nullptr, false, space.x).y;
    const float height =
        space.y - lines - ImGui::GetStyle().ItemSpacing.y - ImGui::GetFrameHeightWithSpacing();
    if (ImGui::BeginChild("places", {places_width(context), height})) {
        if (const auto place = FileBrowser::draw_places(context, browser_.places(), browser_.folder())) {
            browser_.go_to(place->folder);
        }
    }
    ImGui::EndChild();
    ImGui::SameLine();
    const auto shows = [&request](const FolderEntry& entry) {
        return entry.is_folder || std::ranges::find(request.extensions, entry.path.extension().string()) !=
                                      request.extensions.end();
    };
    const BrowserEvent event = browser_.draw(context, {ImGui::GetContentRegionAvail().x, height}, shows);
    if (event.kind == BrowserEvent::Kind::opened && event.entry.is_folder) {
        browser_.go_to(fs::path(event.entry.path));  // A scene, for example: files may be saved beside it.
    } else if (event.kind != BrowserEvent::Kind::none && !event.entry.is_folder) {
        name_ = event.entry.name;
    }
    ImGui::PushStyleColor(ImGuiCol_Text, replaces_ ? context.colours.warning : context.colours.muted);
    ImGui::TextWrapped("%s", sentence(request).c_str());
    ImGui::PopStyleColor();
    // Last: these may end the request.
    if (!replaces_) {
        draw_name(context, request);
    } else if (draw_replace(context)) {
        save(request);
    }
    ImGui::EndPopup();
}

std::string SaveDialog::sentence(const SaveRequest& request) const {
    if (replaces_) {
        return fmt::format("{} {} exists already.", icon::warning,
                           printable_line(replaces_->filename().string()));
    }
    const std::string why = why_not(request);
    return why.empty() ? printable_line(chosen(request).string()) : why;
}

/// Draws the buttons for a file that exists. Returns whether the user wants to replace it.
bool SaveDialog::draw_replace(PanelContext& context) {
    const bool replace = button(context, "Replace it", "Write the new file in its place.");
    ImGui::SameLine();
    if (button(context, "Choose another name", "Nothing is written yet.") ||
        pressed_in_dialog(ImGuiKey_Escape)) {
        replaces_.reset();
        focus_ = true;
    }
    return replace;
}

void FolderDialog::ask(const std::string& at) {
    std::error_code problem;
    browser_.go_to(fs::is_directory(at, problem) ? fs::path(at) : current_folder());
    asked_ = true;
}

std::optional<std::string> FolderDialog::draw(PanelContext& context) {
    if (std::exchange(asked_, false)) {
        ImGui::OpenPopup(folder_title);
    }
    if (!ImGui::IsPopupOpen(folder_title)) {
        return std::nullopt;
    }
    place_dialog(context);
    std::optional<std::string> chosen;
    bool keep = true;
    if (!ImGui::BeginPopupModal(folder_title, &keep, ImGuiWindowFlags_NoSavedSettings)) {
        return std::nullopt;
    }
    const float height = ImGui::GetContentRegionAvail().y - ImGui::GetFrameHeightWithSpacing();
    if (ImGui::BeginChild("places", {places_width(context), height})) {
        if (const auto place = FileBrowser::draw_places(context, browser_.places(), browser_.folder())) {
            browser_.go_to(place->folder);
        }
    }
    ImGui::EndChild();
    ImGui::SameLine();
    const auto event = browser_.draw(context, {ImGui::GetContentRegionAvail().x, height},
                                     [](const FolderEntry& entry) { return entry.is_folder; });
    if (event.kind == BrowserEvent::Kind::opened) {
        browser_.go_to(fs::path(event.entry.path));
    }
    const std::string folder =
        (browser_.selected().empty() ? browser_.folder() : browser_.selected()).string();
    if (button(context, "Use this folder", folder)) {
        chosen = folder;
        ImGui::CloseCurrentPopup();
    }
    ImGui::SameLine();
    if (button(context, "Cancel", "Keep the folder of before.") || pressed_in_dialog(ImGuiKey_Escape)) {
        ImGui::CloseCurrentPopup();
    }
    ImGui::EndPopup();
    return chosen;
}

}  // namespace lact::app
