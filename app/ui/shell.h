#pragma once

#include "app/gfx/display.h"
#include "app/gfx/frame_pacer.h"
#include "app/ui/panel.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lact::app {

/// What the program does around the panels; each may be empty. All are called on the thread of the window.
struct ShellHooks {
    std::function<void()> before_frame;          ///< Before each frame: collect results, move the camera.
    std::function<void()> menu;                  ///< Within ImGui::BeginMainMenuBar.
    std::function<void(PanelContext&)> overlay;  ///< After the panels: keys, dialogs, messages.
    std::function<void(const std::vector<std::filesystem::path>&)> dropped;  ///< Files dropped on the window.
    std::function<bool()> may_close;  ///< The user closes the window; false: not now.
};

struct ShellOptions {
    Theme theme = Theme::dark;
    float user_scale = 1;  ///< On top of the display's, 0.5 … 3.
    std::string layout;    ///< As Shell::layout() gave it; empty or unreadable: the default one.
};

/// The frame loop, the dock space with its panels, the menu bar and the theme. Draws only when something
/// happened. Belongs to the thread of the window but for wake().
class Shell {
  public:
    explicit Shell(gfx::Display& display, ShellOptions options = {});
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;
    ~Shell() = default;

    void add_panel(Panel panel);
    void set_hooks(ShellHooks hooks) { hooks_ = std::move(hooks); }

    /// The user closes the window, and ShellHooks::may_close does not object.
    [[nodiscard]] bool closing();
    /// One turn of the loop: waits for an event, at most `seconds`, and draws a frame if one is due. True:
    /// drew.
    [[nodiscard]] Result<bool> step(std::optional<double> seconds);
    /// Draws a frame now. False: minimised, nothing was drawn.
    [[nodiscard]] Result<bool> frame(Image8* capture = nullptr);
    /// The whole window as pixels, after as many frames as ImGui needs to settle.
    [[nodiscard]] Result<Image8> screenshot();
    [[nodiscard]] Result<void> save_screenshot(const std::filesystem::path& png);
    /// The part of a picture of the window that shows a panel. Errors: no such panel; it cannot be seen.
    [[nodiscard]] Result<Image8> panel_part(const std::string& title, const Image8& whole) const;
    /// One panel as pixels, brought to the front. Errors: no such panel; it is closed or hidden.
    [[nodiscard]] Result<Image8> panel_image(const std::string& title);

    /// Something to show has changed: ends a wait; from any thread.
    void wake() { display_.wake(); }
    void close() { display_.set_should_close(true); }
    /// Frames shown so far.
    [[nodiscard]] std::uint64_t frames() const { return frames_; }

    [[nodiscard]] Theme theme() const { return options_.theme; }
    void set_theme(Theme theme);
    [[nodiscard]] float user_scale() const { return options_.user_scale; }
    void set_user_scale(float scale);
    void reset_layout();
    /// Where the panels are, to be stored.
    [[nodiscard]] std::string layout();
    /// Puts the panels where layout() said they were, before the next frame.
    void set_layout(std::string layout);

    [[nodiscard]] const std::vector<Panel>& panels() const { return panels_; }
    /// Opens, closes a panel; opening also brings it to the front. False: there is no panel of that title.
    bool show_panel(std::string_view title, bool open = true);
    /// All panels visible at once, as windows of their own: for measuring.
    void spread_panels() { spread_ = true; }
    /// From now on one panel fills the window, without menu and tabs. False: there is no panel of that title.
    bool show_only(std::string_view title);
    /// Menu items that open and close the panels; within a menu.
    void panel_menu_items();

  private:
    void style_for_now();
    void draw_all(PanelContext& context);
    void draw_dockspace(PanelContext& context);
    void draw_panel(Panel& panel, PanelContext& context);
    void draw_only_panel(PanelContext& context);
    void bring_forward();

    gfx::Display& display_;
    ShellOptions options_;
    ShellHooks hooks_;
    Fonts fonts_;
    gfx::FramePacer pacer_;
    std::vector<Panel> panels_;
    std::vector<std::string> to_front_;  ///< Titles; done when their windows exist.
    std::uint64_t frames_ = 0;
    float styled_scale_ = 0;
    bool restyle_ = true;
    bool rebuild_ = false;
    std::string new_layout_;
    bool spread_ = false;
    std::string only_;  ///< The panel that fills the window; empty: all as docked.
    bool bake_ = false;
    int frames_to_front_ = 0;
};

/// What a panel's tab shows, from most to least.
enum class TabLabel { full, brief, icon };

/// The name of a panel's window: what is to be seen, and the title alone as identity.
[[nodiscard]] std::string window_name(const Panel& panel, TabLabel label = TabLabel::full);

/// The most that all tabs of the panel's dock have room for. Where that is icons alone, the tab in front
/// still shows its name.
[[nodiscard]] TabLabel tab_label(const Panel& panel, const std::vector<Panel>& panels, float scale);

/// Docks all panels at their slots in a dock space of this size (pixels), replacing any layout there. Slots
/// without panels take no room. To be called within a frame, before the panels are drawn.
void build_layout(ImGuiID dockspace, ImVec2 size, float scale, const std::vector<Panel>& panels);

}  // namespace lact::app
