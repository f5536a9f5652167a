#pragma once

#include "app/commands/services.h"
#include "app/gfx/canvas.h"
#include "app/ui/panel.h"

namespace lact::app {

/// Controls over the rendering: buttons for the camera, its field of view, the switch of all labels, and a
/// gizmo with the axes of the scene.
class ViewControls {
  public:
    explicit ViewControls(PanelServices services) : services_(services) {}

    /// Draws them in the lower corners of `area`, the gizmo above the caption. `hovered`: the pointer is over
    /// the view.
    void draw(PanelContext& context, const gfx::Rect& area, bool hovered, float caption_top);
    /// Height in pixels that the buttons take at the lower edge.
    [[nodiscard]] static float height(const PanelContext& context);
    /// Their width, from the right edge.
    [[nodiscard]] static float width(const PanelContext& context);

  private:
    void draw_buttons(PanelContext& context, const gfx::Rect& area);
    void draw_field_of_view(PanelContext& context, float width);
    void draw_gizmo(PanelContext& context, const gfx::Rect& area, float caption_top);

    PanelServices services_;
};

}  // namespace lact::app
