#pragma once

#include "app/panels/view_textures.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace lact::app {

/// A pixel of both sides, at the model's size.
struct PixelPair {
    int x = 0;
    int y = 0;
    std::optional<std::array<float, 3>> a;
    std::optional<std::array<float, 3>> b;

    /// "pixel 12,40   A 0.512 0.430 0.201   B …   A-B +0.013 …"
    [[nodiscard]] std::string text() const;
};
/// Nothing outside of the picture.
[[nodiscard]] std::optional<PixelPair> pixel_of(const ComparedPair& pair, int x, int y);

/// Both sides of the comparison in place of the model's picture.
class CompareView {
  public:
    explicit CompareView(PanelServices services) : services_(services) {}

    /// There is a pair to be shown.
    [[nodiscard]] bool active() const;
    /// Draws it into the area. Returns where the picture under the pointer is.
    window::Rect draw(window::PanelContext& context, const window::Rect& area);
    /// What lies over it: labels, figures, divider, colour bar, the pixel under the pointer, and what there
    /// is to say where a side is missing. After the item that takes the mouse.
    void draw_over(window::PanelContext& context, const window::Rect& area, bool hovered);

    /// The pixel last written under the picture.
    [[nodiscard]] const std::optional<PixelPair>& pixel() const { return pixel_; }
    /// Where A was drawn last.
    [[nodiscard]] const window::Rect& picture_of_a() const { return a_rect_; }

  private:
    void upload(window::Canvas& canvas);
    void draw_side(window::PanelContext& context, const window::Texture& texture, const SideSpec& spec,
                   const SidePicture& side, const window::Rect& rect);
    void draw_labels(window::PanelContext& context, const window::Rect& area);
    void draw_divider(window::PanelContext& context);
    void draw_key(window::PanelContext& context, const window::Rect& area);
    void draw_figures(window::PanelContext& context, const window::Rect& area, bool hovered);
    void draw_notice(window::PanelContext& context, const window::Rect& area);
    [[nodiscard]] std::optional<PixelPair> pixel_under_pointer(bool hovered) const;
    [[nodiscard]] bool shows_b() const;

    PanelServices services_;
    std::shared_ptr<const ComparedPair> shown_;
    std::optional<CompareMode> heat_mode_;  ///< Of which mode the matrix is.
    window::Texture a_;
    window::Texture b_;
    window::Texture heat_;
    ViewTextures photos_;
    window::Rect a_rect_;
    window::Rect b_rect_;
    std::optional<PixelPair> pixel_;
};

}  // namespace lact::app
