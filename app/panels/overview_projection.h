#pragma once

#include "engine/scene/camera.h"

#include <array>
#include <optional>

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

}  // namespace lact::app
