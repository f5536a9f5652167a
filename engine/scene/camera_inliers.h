#pragma once

#include "engine/scene/camera.h"

#include <cstddef>
#include <span>
#include <vector>

#include <Eigen/Core>

namespace lact {

/// A camera that does not fit the others of its scene: most often a wrong registration.
struct OutlyingCamera {
    enum class Kind {
        far,     ///< Its position lies far from the others.
        turned,  ///< The axes of the others meet in a point; its own passes that point far away.
    };
    std::size_t index = 0;
    Kind kind = Kind::far;
    /// far: the distance from the median position. turned: the angle, at most 90 degrees, between its axis
    /// and the direction to the point.
    double value = 0;
    double median = 0;  ///< The median of the same value over the cameras.
};

/// The outlying cameras, by ascending index. Robust: medians and the inliers decide.
///
/// - far: farther than 8 times the median distance from the median position (coordinate by coordinate).
/// - turned: the angle between axis and direction to the common point of the inliers exceeds 60 degrees, and
///   the axis passes that point at more than half of the median camera distance, while the axes of the
///   inliers meet (meeting ratio below 0.3).
///
/// At most a quarter of the cameras are outlying; if more are, they are a part of the capture, and none of
/// that kind is reported. Of fewer than four cameras none is outlying.
[[nodiscard]] std::vector<OutlyingCamera> outlying_cameras(std::span<const Eigen::Matrix4d> c2w);

/// The poses that are not outlying, in their order; all of them, to the bit, where none is.
[[nodiscard]] std::vector<Eigen::Matrix4d> inlying_poses(std::span<const Eigen::Matrix4d> c2w);
/// The same for cameras.
[[nodiscard]] std::vector<Camera> inlying_cameras(std::span<const Camera> cameras);

/// The point nearest to all optical axes in the least-squares sense, and its distance to them.
struct AxesMeeting {
    Eigen::Vector3d point = Eigen::Vector3d::Zero();
    double rms_distance = 0;             ///< From the axes to `point`.
    double mean_camera_distance = 0;     ///< From the cameras to `point`.
    [[nodiscard]] double ratio() const;  ///< rms / mean distance; infinite for parallel axes.
};
/// Of the inliers; without outlying cameras, of all.
[[nodiscard]] AxesMeeting meeting_of_axes(std::span<const Eigen::Matrix4d> c2w);

/// Axes meet in a point if their meeting ratio is below this.
inline constexpr double meeting_ratio_limit = 0.3;

}  // namespace lact
