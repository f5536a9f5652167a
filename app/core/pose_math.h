#pragma once

#include <Eigen/Core>

namespace lact::app {

/// Camera to world from a rotation (columns right, down, forward) and a position.
[[nodiscard]] Eigen::Matrix4d make_pose(const Eigen::Matrix3d& rotation, const Eigen::Vector3d& position);

/// The rotation that looks along `forward` (unit length) without roll; where that is along `up`, `right`
/// decides. OpenCV axes.
[[nodiscard]] Eigen::Matrix3d upright(const Eigen::Vector3d& forward, const Eigen::Vector3d& up,
                                      const Eigen::Vector3d& right);

/// The nearest rotation that keeps the third axis: undoes the rounding of many small turns.
[[nodiscard]] Eigen::Matrix3d orthonormal(const Eigen::Matrix3d& rotation);

/// The part of `pitch` (radians, positive turns `direction` towards `up`) that keeps `direction` a degree
/// away from both poles. A direction that is nearer already may only turn away.
[[nodiscard]] double allowed_pitch(const Eigen::Vector3d& direction, const Eigen::Vector3d& up, double pitch);

}  // namespace lact::app
