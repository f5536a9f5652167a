#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"
#include "app/ui/photo_grid.h"

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
    gfx::Rect draw(PanelContext& context, const gfx::Rect& area);
    /// What lies over it: labels, figures, divider, colour bar, the pixel under the pointer, and what there
    /// is to say where a side is missing. After the item that takes the mouse.
    void draw_over(PanelContext& context, const gfx::Rect& area, bool hovered);

    /// The pixel last written under the picture.
    [[nodiscard]] const std::optional<PixelPair>& pixel() const { return pixel_; }
    /// Where A was drawn last.
    [[nodiscard]] const gfx::Rect& image_of_a() const { return a_rect_; }

  private:
    void upload(gfx::Canvas& canvas);
    void draw_side(PanelContext& context, const gfx::Texture& texture, const SideSpec& spec,
                   const SideImage& side, const gfx::Rect& rect);
    void draw_labels(PanelContext& context, const gfx::Rect& area);
    void draw_divider(PanelContext& context);
    void draw_key(PanelContext& context, const gfx::Rect& area);
    void draw_figures(PanelContext& context, const gfx::Rect& area, bool hovered);
    void draw_notice(PanelContext& context, const gfx::Rect& area);
    [[nodiscard]] std::optional<PixelPair> pixel_under_pointer(bool hovered) const;
    [[nodiscard]] bool shows_b() const;

    PanelServices services_;
    std::shared_ptr<const ComparedPair> shown_;
    std::optional<CompareMode> heat_mode_;  ///< Of which mode the matrix is.
    gfx::Texture a_;
    gfx::Texture b_;
    gfx::Texture heat_;
    ViewTextures photos_;
    gfx::Rect a_rect_;
    gfx::Rect b_rect_;
    std::optional<PixelPair> pixel_;
};

}  // namespace lact::app
