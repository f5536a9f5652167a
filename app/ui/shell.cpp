#include "app/ui/shell.h"

#include "app/document/frame_clock.h"
#include "engine/core/files.h"

#include <algorithm>
#include <cmath>

#include <imgui_internal.h>

namespace lact::app {

namespace {

constexpr const char* dockspace_name = "lactscope";

/// Adds the common glyphs to the atlas in a fixed order. Otherwise the position of a glyph, and with it the
/// last bit of its edges, depends on the order of first use, and screenshots are not reproducible.
void bake_common_glyphs(const Fonts& fonts) {
    std::string text;
    for (char c = ' '; c <= '~'; ++c) {
        text += c;
    }
    for (ImFont* font : {fonts.text, fonts.bold, fonts.mono}) {
        ImGui::PushFont(font, 0);
        (void)ImGui::CalcTextSize(text.c_str());
        ImGui::PopFont();
    }
}

bool is_modifier(ImGuiKey key) {
    return (key & ImGuiMod_Mask_) != 0 || (key >= ImGuiKey_LeftCtrl && key <= ImGuiKey_RightSuper);
}

/// Takes from the queue what follows a key press and begins with the release of a modifier. Both may come
/// before one slow frame; ImGui would then see the key without its modifier, and another command would run.
ImVector<ImGuiInputEvent> take_events_after_chord() {
    ImVector<ImGuiInputEvent>& queue = ImGui::GetCurrentContext()->InputEventsQueue;
    ImVector<ImGuiInputEvent> later;
    bool pressed = false;
    for (int i = 0; i < queue.Size; ++i) {
        const ImGuiInputEvent& event = queue[i];
        if (event.Type != ImGuiInputEventType_Key) {
            continue;
        }
        const bool modifier = is_modifier(event.Key.Key);
        if (pressed && modifier && !event.Key.Down) {
            for (int j = i; j < queue.Size; ++j) {
                later.push_back(queue[j]);
            }
            queue.resize(i);
            break;
        }
        pressed = pressed || (!modifier && event.Key.Down);
    }
    return later;
}

/// Puts them behind what ImGui has left for the next frame.
void put_back(const ImVector<ImGuiInputEvent>& later) {
    for (const ImGuiInputEvent& event : later) {
        ImGui::GetCurrentContext()->InputEventsQueue.push_back(event);
    }
}

/// Returns columns [x0, x1) and rows [y0, y1).
Image8 cropped(const Image8& image, int x0, int y0, int x1, int y1) {
    Image8 part;
    part.width = x1 - x0;
    part.height = y1 - y0;
    part.channels = image.channels;
    const auto channels = static_cast<std::size_t>(image.channels);
    for (int y = y0; y < y1; ++y) {
        const auto first =
            image.pixels.begin() +
            static_cast<std::ptrdiff_t>((static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                                         static_cast<std::size_t>(x0)) *
                                        channels);
        part.pixels.insert(
            part.pixels.end(), first,
            first + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(part.width) * channels));
    }
    return part;
}

}  // namespace

Shell::Shell(gfx::Display& display, ShellOptions options)
    : display_(display), options_(std::move(options)), fonts_(load_fonts()), keys_(display.keyboard()) {
    options_.layout = restorable_layout(options_.layout).value_or("");
    stored_open_ = open_panels(options_.layout);
    if (!options_.layout.empty()) {
        ImGui::LoadIniSettingsFromMemory(options_.layout.data(), options_.layout.size());
    }
}

void Shell::add_panel(Panel panel) {
    // The first panel of a slot is the selected tab, unless a stored layout selects one.
    const bool first = std::none_of(panels_.begin(), panels_.end(),
                                    [&](const Panel& other) { return other.slot == panel.slot; });
    if (first && options_.layout.empty()) {
        to_front_.push_back(panel.title);
    }
    const auto stored = stored_open_.find(panel.title);
    panel.open = stored != stored_open_.end() ? stored->second : panel.opens;
    panels_.push_back(std::move(panel));
    pacer_.changed(steady_seconds());
}

bool Shell::closing() {
    if (!display_.should_close()) {
        return false;
    }
    if (!hooks_.may_close || hooks_.may_close()) {
        return true;
    }
    display_.set_should_close(false);
    pacer_.input(steady_seconds());
    return false;
}

Result<bool> Shell::step(std::optional<double> seconds) {
    std::optional<double> wait = pacer_.wait(steady_seconds());
    if (seconds && (!wait || *wait > *seconds)) {
        wait = seconds;
    }
    switch (display_.wait(wait)) {
        case gfx::Wake::input:
            pacer_.input(steady_seconds());
            break;
        case gfx::Wake::request:
            pacer_.changed(steady_seconds());
            break;
        case gfx::Wake::timeout:
            break;
    }
    if (const auto paths = display_.take_dropped(); !paths.empty() && hooks_.dropped) {
        hooks_.dropped(paths);
    }
    if (!pacer_.due(steady_seconds())) {
        return false;
    }
    return frame();
}

Result<bool> Shell::frame(Image8* capture) {
    if (hooks_.before_frame) {
        hooks_.before_frame();
    }
    pacer_.drawn(steady_seconds());
    LACT_TRY(const bool visible, display_.begin_frame());
    if (!visible) {
        return false;
    }
    if (!new_layout_.empty()) {
        ImGui::LoadIniSettingsFromMemory(new_layout_.data(), new_layout_.size());
        new_layout_.clear();
    }
    style_for_now();
    if (keys_.refresh() && hooks_.keys_changed) {
        hooks_.keys_changed();
    }
    const ImVector<ImGuiInputEvent> later = take_events_after_chord();
    ImGui::NewFrame();
    put_back(later);
    if (bake_) {
        bake_common_glyphs(fonts_);
        bake_ = false;
    }
    PanelContext context{display_.canvas(), fonts_, palette(options_.theme), keys_, styled_scale_};
    if (!only_.empty()) {
        draw_only_panel(context);
    } else {
        draw_all(context);
    }
    if (hooks_.overlay) {
        hooks_.overlay(context);
    }
    ImGui::Render();
    LACT_CHECK(display_.end_frame(capture));
    ++frames_;
    if (std::isfinite(context.again_in)) {
        pacer_.at(steady_seconds() + static_cast<double>(context.again_in));
    }
    // ImGui spreads a press and release within one frame over several frames: queued input needs another
    // frame.
    if (context.animate || !ImGui::GetCurrentContext()->InputEventsQueue.empty()) {
        pacer_.animate_once();
    }
    return true;
}

void Shell::draw_all(PanelContext& context) {
    if (hooks_.menu && ImGui::BeginMainMenuBar()) {
        hooks_.menu();
        ImGui::EndMainMenuBar();
    }
    draw_dockspace(context);
    for (Panel& panel : panels_) {
        draw_panel(panel, context);
    }
    bring_forward();
}

void Shell::draw_only_panel(PanelContext& context) {
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    for (Panel& panel : panels_) {
        panel.seen = panel.title == only_;
        if (!panel.seen) {
            continue;
        }
        ImGui::SetNextWindowDockID(0);
        ImGui::SetNextWindowPos(viewport->Pos);
        ImGui::SetNextWindowSize(viewport->Size);
        ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
        ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
        ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
        ImGui::Begin(("###" + panel.title).c_str(), nullptr,
                     ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoMove |
                         ImGuiWindowFlags_NoSavedSettings);
        ImGui::PopStyleVar(3);
        if (panel.draw) {
            panel.draw(context);
        }
        ImGui::End();
    }
}

bool Shell::show_only(std::string_view title) {
    const bool known =
        std::any_of(panels_.begin(), panels_.end(), [&](const Panel& one) { return one.title == title; });
    if (known) {
        only_ = title;
        pacer_.input(steady_seconds());
    }
    return known;
}

void Shell::style_for_now() {
    const float scale = display_.content_scale() * options_.user_scale;
    if (restyle_ || scale != styled_scale_) {
        apply_theme(options_.theme, scale);
        if (styled_scale_ > 0 && scale != styled_scale_) {
            scale_docks(scale / styled_scale_);
        }
        styled_scale_ = scale;
        bake_ = true;
        restyle_ = false;
    }
}

namespace {

/// Multiplies the sizes of the docks at the sides of the central one, of which they leave at least a third.
void scale_dock(ImGuiDockNode& node, float ratio) {
    if (!node.IsSplitNode()) {
        return;
    }
    const ImGuiAxis axis = node.SplitAxis;
    for (ImGuiDockNode* child : node.ChildNodes) {
        const bool centre = child->HasCentralNodeChild || child->IsCentralNode();
        if (!centre) {
            child->SizeRef[axis] = std::min(child->SizeRef[axis] * ratio, node.Size[axis] * 0.5F);
        }
        scale_dock(*child, ratio);
    }
}

}  // namespace

/// A larger interface needs wider panels: what fits beside a control stays beside it.
void Shell::scale_docks(float ratio) {
    if (ImGuiDockNode* root = ImGui::DockBuilderGetNode(ImHashStr(dockspace_name)); root != nullptr) {
        scale_dock(*root, ratio);
    }
}

void Shell::draw_dockspace(PanelContext& context) {
    const ImGuiID id = ImHashStr(dockspace_name);
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    if (rebuild_ || ImGui::DockBuilderGetNode(id) == nullptr) {
        build_layout(id, viewport->WorkSize, context.scale, panels_);
        rebuild_ = false;
    }
    ImGui::DockSpaceOverViewport(id, viewport);
}

namespace {

/// Where another panel of the same slot is docked; 0 where none is.
ImGuiID dock_of_neighbour(const Panel& panel, const std::vector<Panel>& panels) {
    for (const Panel& other : panels) {
        const ImGuiWindow* window = other.slot == panel.slot && other.title != panel.title
                                        ? ImGui::FindWindowByName(("###" + other.title).c_str())
                                        : nullptr;
        if (window != nullptr && window->DockNode != nullptr) {
            return window->DockId;
        }
    }
    return 0;
}

}  // namespace

void Shell::draw_panel(Panel& panel, PanelContext& context) {
    panel.seen = false;
    if (!panel.open) {
        return;
    }
    ImGuiWindowClass window_class;  // A close button on the tab, none for the whole dock.
    window_class.DockNodeFlagsOverrideSet =
        static_cast<ImGuiDockNodeFlags>(ImGuiDockNodeFlags_NoCloseButton) |
        static_cast<ImGuiDockNodeFlags>(ImGuiDockNodeFlags_NoWindowMenuButton);
    ImGui::SetNextWindowClass(&window_class);
    if (panel.edge_to_edge) {
        ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
    }
    if (spread_) {
        ImGui::SetNextWindowDockID(0);
        ImGui::SetNextWindowSize({400 * context.scale, 600 * context.scale});
    } else if (const ImGuiID dock = dock_of_neighbour(panel, panels_); dock != 0) {
        // What a stored layout of an earlier version does not know becomes a tab beside its neighbours.
        ImGui::SetNextWindowDockID(dock, ImGuiCond_FirstUseEver);
    }
    const TabLabel label = tab_label(panel, panels_, context.scale);
    const bool narrow = label != TabLabel::full;  // A close button would take the space of the name.
    panel.seen =
        ImGui::Begin(window_name(panel, label).c_str(), narrow ? nullptr : &panel.open,
                     panel.edge_to_edge ? ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoScrollbar |
                                              ImGuiWindowFlags_NoScrollWithMouse
                                        : ImGuiWindowFlags_NoCollapse);
    if (panel.edge_to_edge) {
        ImGui::PopStyleVar();
    }
    // After Begin the last item is the panel's tab.
    if (narrow && ImGui::IsItemHovered(ImGuiHoveredFlags_ForTooltip)) {
        ImGui::SetTooltip("%s", panel.title.c_str());
    }
    if (panel.menu && ImGui::BeginPopupContextItem("panel menu")) {
        panel.menu();
        ImGui::EndPopup();
    }
    if (panel.seen && panel.draw) {
        panel.draw(context);
    }
    ImGui::End();
}

void Shell::bring_forward() {
    // A window accepts focus from its second frame on, once it has a dock node. A dock node considers only
    // the window with the focus at the end of a frame: one window per frame.
    if (to_front_.empty() || ++frames_to_front_ < 2) {
        return;
    }
    ImGui::SetWindowFocus(("###" + to_front_.front()).c_str());
    to_front_.erase(to_front_.begin());
    if (to_front_.empty()) {
        frames_to_front_ = 0;
    } else {
        pacer_.animate_once();
    }
}

Result<Image8> Shell::screenshot() {
    Image8 image;
    for (int settled = 0; settled < 4;) {
        LACT_TRY(const bool drew, frame());
        if (!drew) {
            break;
        }
        settled = to_front_.empty() ? settled + 1 : 0;
    }
    LACT_TRY(const bool visible, frame(&image));
    if (!visible) {
        return fail("screenshot", "the window is minimised", "Restore it first.");
    }
    return image;
}

Result<Image8> Shell::panel_image(const std::string& title) {
    if (!show_panel(title)) {
        return fail("screenshot", "there is no panel '" + title + "'");
    }
    LACT_TRY(const Image8 whole, screenshot());
    return panel_part(title, whole);
}

Result<Image8> Shell::panel_part(const std::string& title, const Image8& whole) const {
    const ImGuiWindow* panel = ImGui::FindWindowByName(("###" + title).c_str());
    if (panel == nullptr || panel->Hidden) {
        return fail("screenshot", "the panel '" + title + "' is not visible", "Open it first.");
    }
    const auto edge = [](float at, int size) { return std::clamp(static_cast<int>(at), 0, size); };
    const ImRect inside = panel->Rect();
    return cropped(whole, edge(inside.Min.x, whole.width), edge(inside.Min.y, whole.height),
                   edge(inside.Max.x, whole.width), edge(inside.Max.y, whole.height));
}

Result<void> Shell::save_screenshot(const std::filesystem::path& png,
                                    const std::vector<std::pair<std::string, std::string>>& text) {
    LACT_TRY(const Image8 image, screenshot());
    LACT_TRY(const std::string bytes, encode_png(image, text));
    return write_file_atomically(png, bytes);
}

void Shell::set_theme(Theme theme) {
    options_.theme = theme;
    restyle_ = true;
    pacer_.input(steady_seconds());
}

void Shell::set_user_scale(float scale) {
    options_.user_scale = std::clamp(scale, 0.5F, 3.0F);
    pacer_.input(steady_seconds());
}

void Shell::reset_layout() {
    rebuild_ = true;
    to_front_.clear();
    frames_to_front_ = 0;
    std::vector<DockSlot> seen;
    for (Panel& panel : panels_) {
        panel.open = panel.opens;
        if (std::find(seen.begin(), seen.end(), panel.slot) == seen.end()) {
            seen.push_back(panel.slot);
            to_front_.push_back(panel.title);
        }
    }
    pacer_.input(steady_seconds());
}

std::string Shell::layout() {
    std::size_t size = 0;
    const char* text = ImGui::SaveIniSettingsToMemory(&size);
    ImGui::GetIO().WantSaveIniSettings = false;
    OpenPanels open;
    for (const Panel& panel : panels_) {
        open.emplace(panel.title, panel.open);
    }
    return with_open_panels({text, size}, open);
}

Result<void> Shell::set_layout(std::string_view layout) {
    LACT_TRY(new_layout_, restorable_layout(layout));
    const OpenPanels open = open_panels(new_layout_);
    for (Panel& panel : panels_) {
        if (const auto stored = open.find(panel.title); stored != open.end()) {
            panel.open = stored->second;
        }
    }
    pacer_.input(steady_seconds());
    return {};
}

bool Shell::show_panel(std::string_view title, bool open) {
    const auto found = std::find_if(panels_.begin(), panels_.end(),
                                    [&](const Panel& panel) { return panel.title == title; });
    if (found == panels_.end()) {
        return false;
    }
    found->open = open;
    if (open) {
        to_front_.emplace_back(title);
    }
    pacer_.input(steady_seconds());
    return true;
}

void Shell::panel_menu_items() {
    for (const Panel& panel : panels_) {
        if (ImGui::MenuItem(window_name(panel).c_str(), nullptr, panel.open)) {
            show_panel(panel.title, !panel.open);
        }
    }
}

namespace {

bool used(const std::vector<Panel>& panels, DockSlot slot) {
    return std::any_of(panels.begin(), panels.end(), [slot](const Panel& p) { return p.slot == slot; });
}

/// Splits a strip of `points` pixels off one side of `rest`; returns the strip and shrinks `rest`.
ImGuiID cut(ImGuiID& rest, ImGuiDir side, float points, float available) {
    ImGuiID strip = 0;
    ImGui::DockBuilderSplitNode(rest, side, points / available, &strip, &rest);
    return strip;
}

std::string seen_name(const Panel& panel, TabLabel label) {
    const bool icon = *panel.icon != '\0';
    switch (label) {
        case TabLabel::icon:
            return icon ? panel.icon : panel.title;
        case TabLabel::title:
            return panel.title;
        case TabLabel::full:
            break;
    }
    return icon ? std::string(panel.icon) + " " + panel.title : panel.title;
}

}  // namespace

std::string window_name(const Panel& panel, TabLabel label) {
    return seen_name(panel, label) + "###" + panel.title;
}

TabLabel tab_label(const Panel& panel, const std::vector<Panel>& panels, float scale) {
    const auto window_of = [](const Panel& one) {
        return ImGui::FindWindowByName(("###" + one.title).c_str());
    };
    const ImGuiWindow* own = window_of(panel);
    if (own == nullptr || own->DockNode == nullptr) {
        return TabLabel::full;
    }
    const float padding = 2 * ImGui::GetStyle().FramePadding.x + ImGui::GetStyle().ItemInnerSpacing.x;
    float full = 0;
    float title = 0;
    for (const Panel& other : panels) {
        const ImGuiWindow* window = window_of(other);
        if (other.open && window != nullptr && window->DockNode == own->DockNode) {
            full += ImGui::CalcTextSize(seen_name(other, TabLabel::full).c_str()).x + padding + 14 * scale;
            title += ImGui::CalcTextSize(seen_name(other, TabLabel::title).c_str()).x + padding;
        }
    }
    const float room = own->DockNode->Size.x;
    if (full <= room) {
        return TabLabel::full;  // With space for the close buttons.
    }
    if (title <= room) {
        return TabLabel::title;
    }
    return own->DockNode->SelectedTabId == own->TabId ? TabLabel::full : TabLabel::icon;
}

void build_layout(ImGuiID dockspace, ImVec2 size, float scale, const std::vector<Panel>& panels) {
    ImGui::DockBuilderRemoveNode(dockspace);
    ImGui::DockBuilderAddNode(dockspace, ImGuiDockNodeFlags_DockSpace);
    ImGui::DockBuilderSetNodeSize(dockspace, size);
    // The sides keep readable widths, but leave the view in the centre a part of a small window.
    constexpr float most = 0.6F;
    const float readable_left = std::clamp(size.x * 0.19F, 200 * scale, 320 * scale);
    const float readable_right = std::clamp(size.x * 0.29F, 300 * scale, 520 * scale);
    const float shrink = std::min(1.0F, most * size.x / (readable_left + readable_right));
    const float left = shrink * readable_left;
    const float right = shrink * readable_right;
    const float below = std::min(std::clamp(size.y * 0.34F, 180 * scale, 420 * scale), most * size.y);
    ImGuiID rest = dockspace;
    ImGuiID of_slot[4] = {};
    float width = size.x;
    if (used(panels, DockSlot::left)) {
        of_slot[int(DockSlot::left)] = cut(rest, ImGuiDir_Left, left, width);
        width -= left;
    }
    if (used(panels, DockSlot::right)) {
        of_slot[int(DockSlot::right)] = cut(rest, ImGuiDir_Right, right, width);
    }
    if (used(panels, DockSlot::below)) {
        of_slot[int(DockSlot::below)] = cut(rest, ImGuiDir_Down, below, size.y);
    }
    of_slot[int(DockSlot::centre)] = rest;
    for (const Panel& panel : panels) {
        ImGui::DockBuilderDockWindow(window_name(panel).c_str(), of_slot[int(panel.slot)]);
    }
    ImGui::DockBuilderFinish(dockspace);
}

}  // namespace lact::app
