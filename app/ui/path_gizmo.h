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

/// World to screen for the overview's camera.
struct OverviewProjection {
    Camera camera;
    Eigen::Matrix4d w2c;
    ImVec2 corner;  ///< Of the panel, whose pixels the camera's are.
    ImDrawList* list;

    /// Nothing where the point is behind the eye.
    [[nodiscard]] std::optional<ImVec2> operator()(const Eigen::Vector3d& point) const;
    [[nodiscard]] double depth(const Eigen::Vector3d& point) const;
    void line(const Eigen::Vector3d& a, const Eigen::Vector3d& b, ImU32 colour, float width) const;
    /// The four edges from the eye and the picture plane of frustum_points().
    void frustum(const std::array<Eigen::Vector3d, 5>& points, ImU32 colour, float width) const;
};

/// Eye and the four corners of the picture plane at `depth`, clockwise from the upper left.
[[nodiscard]] std::array<Eigen::Vector3d, 5> frustum_points(const Camera& camera, double depth);

/// The camera path in the overview: its line, its keys, which are clicked to look from them, the camera that
/// flies it, and on the selected key a handle that moves or turns it (ImGuizmo).
class PathGizmo {
  public:
    explicit PathGizmo(PanelServices services) : services_(services) {}

    /// The pointer is on the handle, or drags it: nothing below must take the mouse.
    [[nodiscard]] bool takes_mouse() const { return takes_mouse_; }
    /// Where a key was drawn last, for tests.
    [[nodiscard]] std::optional<ImVec2> key_position(std::size_t key) const {
        return key < keys_.size() ? keys_[key] : std::nullopt;
    }
    /// `eye`: the overview's camera for a panel of `size` pixels at `corner` (its principal point need not be
    /// in the middle). Returns the key under the pointer.
    std::optional<std::size_t> draw(PanelContext& context, const Camera& eye, ImVec2 corner, ImVec2 size,
                                    double frustum);

  private:
    void draw_handle(const Camera& eye, ImVec2 corner, ImVec2 size);

    PanelServices services_;
    bool takes_mouse_ = false;
    std::vector<std::optional<ImVec2>> keys_;  ///< Where they were drawn; empty behind the eye.
};

}  // namespace lact::app
