#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"
#include "app/ui/path_gizmo.h"
#include "app/ui/photo_grid.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace lact::app {

/// The scene from outside: camera frusta with their photos, the current camera in the accent colour, the
/// ground and the camera path. A click on a frustum moves the camera there; dragging orbits the overview.
class OverviewPanel {
  public:
    explicit OverviewPanel(PanelServices services) : services_(services), path_(services) {}
    void draw(PanelContext& context);
    [[nodiscard]] const PathGizmo& path() const { return path_; }
    [[nodiscard]] const Viewpoint& eye() const { return eye_; }

  private:
    void frame_scene(const SceneSummary& scene, ImVec2 space);
    void frame_path(ImVec2 space);
    /// Moves the eye back until all points are visible with a margin, a share of the panel's size.
    void step_back_for(const std::vector<Eigen::Vector3d>& points, ImVec2 space, float margin);
    void navigate(ImVec2 size);
    void draw_ground(const OverviewProjection& projection, ImU32 colour);
    void draw_view(PanelContext& context, const OverviewProjection& projection, const SceneSummary& scene,
                   std::size_t view, bool hovered);

    PanelServices services_;
    ViewTextures textures_;
    PathGizmo path_;
    std::uint64_t scene_sequence_ = 0;
    Viewpoint eye_;                ///< Viewpoint of the overview.
    std::size_t framed_keys_ = 0;  ///< Number of path keys when frame_path() last ran.
    double frustum_ = 0.3;         ///< Depth of the drawn frusta, in world units.
    bool pressed_elsewhere_ = false;
};

}  // namespace lact::app
