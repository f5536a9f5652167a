#include "app/ui/file_browser.h"

#include "app/document/frame_clock.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/core/printable.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <imgui_stdlib.h>

namespace lact::app {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_textures = 400;

const char* icon_of(OpenKind kind, bool is_folder) {
    switch (kind) {
        case OpenKind::scene:
            return icon::cube;
        case OpenKind::photos:
            return icon::images;
        case OpenKind::weights:
            return icon::grid;
        case OpenKind::session:
            return icon::eye;
        case OpenKind::script:
            return icon::play;
        case OpenKind::camera_path:
            return icon::camera;
        case OpenKind::training:
            return icon::chart;
        case OpenKind::unknown:
            break;
    }
    return is_folder ? icon::folder_open : icon::file;
}

std::string time_words(fs::file_time_type time) {
    if (time == fs::file_time_type{}) {
        return {};
    }
    const auto clock = std::chrono::file_clock::to_sys(time);
    const auto seconds = std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(clock));
    return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(seconds));
}

/// Text that is cut with "..." where it does not fit.
void fitted_text(const std::string& text, float width, ImU32 colour) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::PushStyleColor(ImGuiCol_Text, colour);
    ImGui::PushClipRect(at, {at.x + width, at.y + 2 * ImGui::GetTextLineHeight()}, true);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopClipRect();
    ImGui::PopStyleColor();
}

}  // namespace

std::shared_ptr<const Preview> PreviewImages::draw(PanelContext& context, const fs::path& path,
                                                   bool is_folder, ImVec2 corner, float side,
                                                   fs::file_time_type modified) {
    if (shown_.size() > most_textures) {
        shown_.clear();
    }
    Shown& shown = shown_[path];
    const auto preview = loader_.of(path, modified);
    if (preview != shown.preview) {
        shown.preview = preview;
        if (!preview || !preview->thumbnail || !context.canvas.upload(shown.texture, *preview->thumbnail)) {
            shown.texture = {};
        }
    }
    ImDrawList& list = *ImGui::GetWindowDrawList();
    if (shown.texture) {
        const gfx::Rect rect = fit_image(corner, {side, side}, shown.texture.width(), shown.texture.height());
        context.canvas.draw_image(list, shown.texture, rect, gfx::Filter::bicubic);
    } else {
        const char* glyph = icon_of(preview ? preview->kind : OpenKind::unknown, is_folder);
        const ImVec2 size = ImGui::CalcTextSize(glyph);
        list.AddText({corner.x + (side - size.x) / 2, corner.y + (side - size.y) / 2},
                     ImGui::GetColorU32(context.colours.muted), glyph);
    }
    return preview;
}

const std::vector<FolderPlace>& FileBrowser::places() {
    if (places_.empty() || ImGui::IsWindowAppearing()) {
        places_ = common_places();
    }
    return places_;
}

void FileBrowser::list(const fs::path& folder) {
    const double began = steady_seconds();
    listing_ = list_folder(folder, hidden_);
    listed_at_ = ImGui::GetTime();
    // A slow disk, or one of a network, must not hold up the window again and again.
    constexpr double largest_share = 0.01;
    refresh_seconds_ = std::max(quickest_refresh, (steady_seconds() - began) / largest_share);
}

void FileBrowser::go_to(const fs::path& folder) {
    list(folder);
    selected_.clear();
    to_top_ = true;
}

/// Files that other programs write appear after a moment.
void FileBrowser::refresh(double now) {
    if (now - listed_at_ >= refresh_seconds_) {
        list(fs::path(listing_.folder));
    }
}

/// A button for each folder of the path, as many of the last ones as fit; the one that was pressed.
std::optional<fs::path> FileBrowser::draw_folders(PanelContext& context, float space) const {
    std::vector<fs::path> folders;
    for (const fs::path& name : fs::path(listing_.folder)) {
        if (!name.empty()) {
            folders.push_back(folders.empty() ? name : folders.back() / name);
        }
    }
    const auto name_of = [](const fs::path& folder) {
        return printable_line((folder.has_filename() ? folder.filename() : folder).string());
    };
    std::size_t first = folders.size();
    float used = ImGui::CalcTextSize("...").x + 2 * ImGui::GetStyle().FramePadding.x;
    while (first > 0) {
        used += ImGui::CalcTextSize(name_of(folders[first - 1]).c_str()).x +
                2 * ImGui::GetStyle().FramePadding.x + 1;
        if (used > space && first < folders.size()) {
            break;
        }
        --first;
    }
    std::optional<fs::path> chosen;
    if (first > 0) {
        ImGui::TextUnformatted("...");
        tip(context, folders[first - 1].string());
        ImGui::SameLine(0, 1);
    }
    for (std::size_t i = first; i < folders.size(); ++i) {
        ImGui::PushID(static_cast<int>(i));
        if (i > first) {
            ImGui::SameLine(0, 1);
        }
        if (ImGui::SmallButton(name_of(folders[i]).c_str())) {
            chosen = folders[i];
        }
        ImGui::PopID();
    }
    return chosen;
}

void FileBrowser::draw_path(PanelContext& context) {
    const float right = ImGui::GetContentRegionAvail().x;  // From the left edge of the group.
    const float left = ImGui::GetCursorPosX();
    if (button(context, icon::up, "Up to the folder above.",
               listing_.folder.has_relative_path() ? "" : "This is the highest folder.")) {
        go_to(fs::path(listing_.folder).parent_path());
    }
    const char* label = "Hidden";
    const float width = ImGui::CalcTextSize(label).x + ImGui::GetFrameHeight() * 1.5F;
    ImGui::SameLine();
    if (const auto chosen = draw_folders(context, right - width - (ImGui::GetCursorPosX() - left))) {
        go_to(*chosen);
    }
    ImGui::SameLine(right - width);
    if (ImGui::Checkbox(label, &hidden_)) {
        go_to(fs::path(listing_.folder));
    }
    tip(context, "Also list files and folders whose names begin with a dot.");
}

BrowserEvent FileBrowser::draw_row(PanelContext& context, const FolderEntry& entry, float height) {
    BrowserEvent event;
    event.entry = entry;
    ImGui::TableNextRow(0, height);
    ImGui::TableNextColumn();
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const bool pressed = ImGui::Selectable(
        "##row", selected_ == entry.path,
        ImGuiSelectableFlags_SpanAllColumns | ImGuiSelectableFlags_AllowDoubleClick, {0, height});
    const bool twice = ImGui::IsItemHovered() && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
    const auto preview =
        previews_->draw(context, entry.path, entry.is_folder, corner, height, entry.modified);
    event.opens_as = preview ? preview->kind : OpenKind::unknown;
    const float line = (height - ImGui::GetTextLineHeight()) / 2;
    const ImU32 muted = ImGui::GetColorU32(context.colours.muted);
    const auto cell = [&](const std::string& text, ImU32 colour, float indent = 0) {
        ImGui::SetCursorScreenPos({ImGui::GetCursorScreenPos().x + indent, corner.y + line});
        fitted_text(text, ImGui::GetContentRegionAvail().x, colour);
    };
    ImGui::SetCursorScreenPos(corner);
    cell(printable_line(entry.name), ImGui::GetColorU32(ImGuiCol_Text),
         height + ImGui::GetStyle().ItemSpacing.x);
    ImGui::TableNextColumn();
    const std::string kind = kind_words(event.opens_as);
    cell(kind.empty() && entry.is_folder ? "folder" : kind, muted);
    ImGui::TableNextColumn();
    cell(entry.is_folder ? "" : size_words(entry.bytes), muted);
    ImGui::TableNextColumn();
    cell(time_words(entry.modified), muted);
    if (twice || (pressed && ImGui::IsKeyPressed(ImGuiKey_Enter, false))) {
        event.kind = BrowserEvent::Kind::opened;
    } else if (pressed) {
        event.kind = BrowserEvent::Kind::selected;
    }
    return event;
}

BrowserEvent FileBrowser::draw(PanelContext& context, ImVec2 size,
                               const std::function<bool(const FolderEntry&)>& shows) {
    BrowserEvent event;
    ImGui::BeginGroup();
    ImGui::PushID("browser");
    const float top = ImGui::GetCursorPosY();
    draw_path(context);
    refresh(ImGui::GetTime());
    context.again_in = std::min(context.again_in, static_cast<float>(refresh_seconds_));
    if (!listing_.problem.empty()) {
        ImGui::TextColored(context.colours.warning, "%s", listing_.problem.c_str());
    }
    std::vector<const FolderEntry*> rows;
    for (const FolderEntry& entry : listing_.entries) {
        if (!shows || shows(entry)) {
            rows.push_back(&entry);
        }
    }
    const ImVec2 left{size.x, std::max(80 * context.scale, size.y - (ImGui::GetCursorPosY() - top))};
    const float height = 2 * ImGui::GetTextLineHeight();
    if (ImGui::BeginTable("files", 4,
                          ImGuiTableFlags_ScrollY | ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersOuter,
                          left)) {
        if (std::exchange(to_top_, false)) {
            ImGui::SetScrollY(0);
        }
        const float em = ImGui::GetFontSize();
        ImGui::TableSetupScrollFreeze(0, 1);
        ImGui::TableSetupColumn("Name");
        ImGui::TableSetupColumn("Kind", ImGuiTableColumnFlags_WidthFixed, 7 * em);
        ImGui::TableSetupColumn("Size", ImGuiTableColumnFlags_WidthFixed, 4.5F * em);
        ImGui::TableSetupColumn("Changed", ImGuiTableColumnFlags_WidthFixed, 8.5F * em);
        ImGui::TableHeadersRow();
        ImGuiListClipper clipper;
        clipper.Begin(static_cast<int>(rows.size()));
        while (clipper.Step()) {
            for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
                ImGui::PushID(i);
                BrowserEvent row = draw_row(context, *rows[static_cast<std::size_t>(i)], height);
                ImGui::PopID();
                if (row.kind != BrowserEvent::Kind::none) {
                    event = std::move(row);
                }
            }
        }
        if (rows.empty() && listing_.problem.empty()) {
            ImGui::TableNextRow();
            ImGui::TableNextColumn();
            ImGui::TextColored(context.colours.muted, "Nothing here.");
        }
        ImGui::EndTable();
    }
    ImGui::PopID();
    ImGui::EndGroup();
    if (event.kind == BrowserEvent::Kind::selected) {
        selected_ = event.entry.path;
    }
    if (event.kind == BrowserEvent::Kind::opened && event.entry.is_folder &&
        event.opens_as == OpenKind::unknown) {
        go_to(fs::path(event.entry.path));
        event = {};
    }
    return event;
}

std::optional<FolderPlace> FileBrowser::draw_places(PanelContext& context,
                                                    const std::vector<FolderPlace>& places,
                                                    const fs::path& current) {
    std::optional<FolderPlace> chosen;
    for (const FolderPlace& place : places) {
        const char* glyph = place.folder.empty() ? icon::home : icon::folder_open;
        const std::string label = fmt::format("{} {}##{}", glyph, place.name, place.folder.string());
        if (ImGui::Selectable(label.c_str(), place.folder == current)) {
            chosen = place;
        }
        if (!place.folder.empty()) {
            tip(context, place.folder.string());
        }
    }
    return chosen;
}

namespace {

int complete_path(ImGuiInputTextCallbackData* data) {
    const auto& base = *static_cast<const fs::path*>(data->UserData);
    const std::string typed(data->Buf, static_cast<std::size_t>(data->CursorPos));
    const std::string longer = common_beginning(completions(typed, base));
    if (longer.size() > typed.size()) {
        data->InsertChars(data->CursorPos, longer.c_str() + typed.size());
    }
    return 0;
}

}  // namespace

bool path_input(const char* label, std::string& path, const fs::path& base) {
    fs::path start = base;
    return ImGui::InputText(label, &path,
                            ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_CallbackCompletion |
                                ImGuiInputTextFlags_ElideLeft,
                            complete_path, &start);
}

}  // namespace lact::app
