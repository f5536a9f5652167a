#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"
#include "app/ui/photo_grid.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace lact::app {

/// The values of both sides at one pixel, at the size of the model.
struct PixelPair {
    int x = 0;
    int y = 0;
    std::optional<std::array<float, 3>> a;
    std::optional<std::array<float, 3>> b;

    /// "pixel 12,40   A 0.512 0.430 0.201   B …   A-B +0.013 …"
    [[nodiscard]] std::string text() const;
};
/// Returns the pixel; empty outside of the image.
[[nodiscard]] std::optional<PixelPair> pixel_of(const ComparedPair& pair, int x, int y);

/// Both sides of the comparison in place of the rendering.
class CompareView {
  public:
    explicit CompareView(PanelServices services) : services_(services) {}

    /// Returns whether there is a pair to show.
    [[nodiscard]] bool active() const;
    /// Draws the pair into the area. Returns the rectangle of the image under the pointer.
    gfx::Rect draw(PanelContext& context, const gfx::Rect& area);
    /// Draws labels, figures, divider, colour bar, the pixel under the pointer, and the reason if a side is
    /// missing. Call it after the item that takes the mouse.
    void draw_over(PanelContext& context, const gfx::Rect& area, bool hovered);

    /// The pixel in the last draw_over().
    [[nodiscard]] const std::optional<PixelPair>& pixel() const { return pixel_; }
    /// Rectangle of A in the last draw().
    [[nodiscard]] const gfx::Rect& image_of_a() const { return a_rect_; }

  private:
    void upload(gfx::Canvas& canvas);
    void draw_side(PanelContext& context, const gfx::Texture& texture, const SideSpec& spec,
                   const SideImage& side, const gfx::Rect& rect);
    void draw_labels(PanelContext& context, const gfx::Rect& area);
    void draw_divider(PanelContext& context);
    void draw_key(PanelContext& context, const gfx::Rect& area, float figures_top);
    /// Draws the figures at the lower edge. Returns their top.
    float draw_figures(PanelContext& context, const gfx::Rect& area, bool hovered);
    void draw_notice(PanelContext& context, const gfx::Rect& area);
    [[nodiscard]] std::optional<PixelPair> pixel_under_pointer(bool hovered) const;
    [[nodiscard]] bool shows_b() const;

    PanelServices services_;
    std::shared_ptr<const ComparedPair> shown_;
    std::optional<CompareMode> heat_mode_;  ///< Mode of the heat map.
    gfx::Texture a_;
    gfx::Texture b_;
    gfx::Texture heat_;
    ViewTextures photos_;
    gfx::Rect a_rect_;
    gfx::Rect b_rect_;
    std::optional<PixelPair> pixel_;
};

}  // namespace lact::app
