#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"
#include "engine/scene/camera.h"

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include <Eigen/Core>
#include <imgui.h>

namespace lact::app {

/// Projection from world to screen for the camera of the overview.
struct OverviewProjection {
    Camera camera;
    Eigen::Matrix4d w2c;
    ImVec2 corner;  ///< Upper left corner of the panel on screen, in pixels.
    ImDrawList* list;

    /// Returns the screen position; empty if the point is behind the camera.
    [[nodiscard]] std::optional<ImVec2> operator()(const Eigen::Vector3d& point) const;
    [[nodiscard]] double depth(const Eigen::Vector3d& point) const;
    void line(const Eigen::Vector3d& a, const Eigen::Vector3d& b, ImU32 colour, float width) const;
    /// Draws the edges of a frustum from frustum_points().
    void frustum(const std::array<Eigen::Vector3d, 5>& points, ImU32 colour, float width) const;
};

/// Returns the camera position and the four corners of the image plane at `depth`, clockwise from the upper
/// left.
[[nodiscard]] std::array<Eigen::Vector3d, 5> frustum_points(const Camera& camera, double depth);

/// The camera path in the overview: the curve, its keys (a click moves the camera to one), the path camera,
/// and a handle that moves or rotates the selected key (ImGuizmo).
class PathGizmo {
  public:
    explicit PathGizmo(PanelServices services) : services_(services) {}

    /// Returns whether the pointer is over the handle or drags it. Items below then ignore the mouse.
    [[nodiscard]] bool takes_mouse() const { return takes_mouse_; }
    /// Screen position of a key in the last draw().
    [[nodiscard]] std::optional<ImVec2> key_position(std::size_t key) const {
        return key < keys_.size() ? keys_[key] : std::nullopt;
    }
    /// Draws with the overview's camera `eye` for a panel of `size` pixels at `corner`. The principal point
    /// need not be in the middle. Returns the key under the pointer.
    std::optional<std::size_t> draw(PanelContext& context, const Camera& eye, ImVec2 corner, ImVec2 size,
                                    double frustum);

  private:
    void draw_handle(const Camera& eye, ImVec2 corner, ImVec2 size);

    PanelServices services_;
    bool takes_mouse_ = false;
    std::vector<std::optional<ImVec2>> keys_;  ///< Screen positions; empty for keys behind the eye.
};

}  // namespace lact::app
