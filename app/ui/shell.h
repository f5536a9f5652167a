#pragma once

#include "app/document/layout_text.h"
#include "app/gfx/display.h"
#include "app/gfx/frame_pacer.h"
#include "app/ui/key_map.h"
#include "app/ui/panel.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lact::app {

/// Callbacks of the application around the panels; each may be empty. All run on the thread of the window.
struct ShellHooks {
    std::function<void()> before_frame;          ///< Before each frame: collect results, move the camera.
    std::function<void()> keys_changed;          ///< Before a frame, when the keyboard layout is another one.
    std::function<void()> menu;                  ///< Inside ImGui::BeginMainMenuBar().
    std::function<void(PanelContext&)> overlay;  ///< After the panels: keys, dialogs, messages.
    std::function<void(const std::vector<std::filesystem::path>&)> dropped;  ///< Files dropped on the window.
    std::function<bool()> may_close;  ///< The user closes the window; false keeps it open.
};

struct ShellOptions {
    Theme theme = Theme::dark;
    float user_scale = 1;  ///< Multiplies the scale of the display; in [0.5, 3].
    std::string layout;    ///< From Shell::layout(); empty or unreadable: the default layout.
};

/// The frame loop, the dock space with its panels, the menu bar and the theme. Draws only after an event or a
/// request. All functions except wake() belong to the thread of the window.
class Shell {
  public:
    explicit Shell(gfx::Display& display, ShellOptions options = {});
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;
    ~Shell() = default;

    void add_panel(Panel panel);
    void set_hooks(ShellHooks hooks) { hooks_ = std::move(hooks); }

    /// Returns whether the user closes the window and ShellHooks::may_close allows it.
    [[nodiscard]] bool closing();
    /// One iteration of the loop: waits for an event, at most `seconds`, and draws a frame if one is due.
    /// Returns whether it drew.
    [[nodiscard]] Result<bool> step(std::optional<double> seconds);
    /// Draws a frame now. Returns false if the window is minimised.
    [[nodiscard]] Result<bool> frame(Image8* capture = nullptr);
    /// Returns the whole window as pixels, after as many frames as ImGui needs to settle.
    [[nodiscard]] Result<Image8> screenshot();
    /// With `text` as its metadata.
    [[nodiscard]] Result<void> save_screenshot(
        const std::filesystem::path& png, const std::vector<std::pair<std::string, std::string>>& text = {});
    /// Returns the part of an image of the window that shows a panel. Errors: no such panel; it is not
    /// visible.
    [[nodiscard]] Result<Image8> panel_part(const std::string& title, const Image8& whole) const;
    /// Brings a panel to the front and returns its pixels. Errors: no such panel; it is not visible.
    [[nodiscard]] Result<Image8> panel_image(const std::string& title);

    /// Ends a wait in step() and draws a frame. Any thread may call it.
    void wake() { display_.wake(); }
    void close() { display_.set_should_close(true); }
    /// Frames shown so far.
    [[nodiscard]] std::uint64_t frames() const { return frames_; }

    [[nodiscard]] Theme theme() const { return options_.theme; }
    void set_theme(Theme theme);
    [[nodiscard]] float user_scale() const { return options_.user_scale; }
    void set_user_scale(float scale);
    void reset_layout();
    /// Returns the layout of the panels as text, with which of them are open.
    [[nodiscard]] std::string layout();
    /// Restores a layout before the next frame. Errors: it is none that could be restored, and the present
    /// one stays.
    [[nodiscard]] Result<void> set_layout(std::string_view layout);

    [[nodiscard]] const KeyMap& keys() const { return keys_; }
    [[nodiscard]] const std::vector<Panel>& panels() const { return panels_; }
    /// Opens or closes a panel; opening brings it to the front. Returns false if no panel has this title.
    bool show_panel(std::string_view title, bool open = true);
    /// Shows all panels at once as separate windows, for benchmarks.
    void spread_panels() { spread_ = true; }
    /// Makes one panel fill the window, without menu and tabs. Returns false if no panel has this title.
    bool show_only(std::string_view title);
    /// Draws menu items that open and close the panels. Call it inside a menu.
    void panel_menu_items();

  private:
    void style_for_now();
    void scale_docks(float ratio);
    void draw_all(PanelContext& context);
    void draw_dockspace(PanelContext& context);
    void draw_panel(Panel& panel, PanelContext& context);
    void draw_only_panel(PanelContext& context);
    void bring_forward();

    gfx::Display& display_;
    ShellOptions options_;
    ShellHooks hooks_;
    Fonts fonts_;
    KeyMap keys_;
    gfx::FramePacer pacer_;
    std::vector<Panel> panels_;
    OpenPanels stored_open_;             ///< Of the layout it began with, for panels to be added.
    std::vector<std::string> to_front_;  ///< Titles, processed once their windows exist.
    std::uint64_t frames_ = 0;
    float styled_scale_ = 0;
    bool restyle_ = true;
    bool rebuild_ = false;
    std::string new_layout_;
    bool spread_ = false;
    std::string only_;  ///< The panel that fills the window; empty: the docked layout.
    bool bake_ = false;
    int frames_to_front_ = 0;
};

/// The label of a panel's tab, from long to short: icon and title, the title, the icon.
enum class TabLabel { full, title, icon };

/// Returns the ImGui name of a panel's window: the visible label, and the title as identity.
[[nodiscard]] std::string window_name(const Panel& panel, TabLabel label = TabLabel::full);

/// Returns the longest label for which all tabs of the panel's dock fit. If only icons fit, the selected tab
/// still shows its name.
[[nodiscard]] TabLabel tab_label(const Panel& panel, const std::vector<Panel>& panels, float scale);

/// Docks all panels at their slots in a dock space of `size` pixels and replaces its layout. Slots without
/// panels take no space. Call it within a frame, before the panels are drawn.
void build_layout(ImGuiID dockspace, ImVec2 size, float scale, const std::vector<Panel>& panels);

}  // namespace lact::app
