#pragma once

#include "app/panels/view_textures.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace lact::app {

/// The scene from outside: camera frusta with their photos, the current camera in the accent colour, axes and
/// ground. A click on a frustum goes there; dragging turns the overview itself.
class OverviewPanel {
  public:
    explicit OverviewPanel(PanelServices services) : services_(services) {}
    void draw(window::PanelContext& context);

  private:
    struct Projection;
    void look_at_scene(const SceneSummary& scene);
    void navigate(ImVec2 size);
    /// The camera path as a line with its keys.
    void draw_path(window::PanelContext& context, const Projection& projection);
    void draw_ground(const Projection& projection, ImU32 colour);
    void draw_view(window::PanelContext& context, const Projection& projection, const SceneSummary& scene,
                   std::size_t view, bool hovered);

    PanelServices services_;
    ViewTextures textures_;
    std::uint64_t scene_sequence_ = 0;
    Viewpoint eye_;         ///< Where the overview is seen from.
    double frustum_ = 0.3;  ///< Depth of the drawn frusta, world units.
    bool pressed_elsewhere_ = false;
};

}  // namespace lact::app
