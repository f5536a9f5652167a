#pragma once

#include "engine/scene/camera.h"

#include <span>

#include <Eigen/Core>

namespace lact::app {

/// A camera in a scene, and the centre that the mouse turns it around. A value: the functions here and in
/// camera_motion.h return a new one.
struct Viewpoint {
    Eigen::Matrix4d c2w = Eigen::Matrix4d::Identity();
    Lens lens;
    Eigen::Vector3d center = Eigen::Vector3d::Zero();  ///< What an orbit turns around.
    Eigen::Vector3d up = Eigen::Vector3d::UnitZ();     ///< Of the scene; unit length.
    double scale = 1;  ///< Typical distance of the scene's cameras to the centre: the unit of motion.

    [[nodiscard]] Camera camera(Size size) const { return make_camera(c2w, lens, size); }
    [[nodiscard]] Eigen::Vector3d position() const { return c2w.block<3, 1>(0, 3); }
    [[nodiscard]] double distance() const { return (position() - center).norm(); }
};

/// A view of the whole scene from its cameras' mean distance and elevation, at the azimuth of the first one.
/// The centre is the point the axes meet in; where they do not meet in front of the cameras (a panorama, a
/// flat front), the camera is at the mean position with the mean direction. An empty list gives a default
/// viewpoint three units away from the origin. Outlying cameras do not count.
[[nodiscard]] Viewpoint frame_all(std::span<const Camera> all);

/// The pose and lens of a camera exactly as they are; centre, up and scale stay.
[[nodiscard]] Viewpoint go_to(const Viewpoint& from, const Camera& camera);
/// The same place with the given lens (back to the typical one after go_to()).
[[nodiscard]] Viewpoint with_lens(const Viewpoint& from, const Lens& lens);
/// At `position`, looking at `target`, upright; where both agree, or the direction is along `up`, the old
/// heading decides.
[[nodiscard]] Viewpoint look_at(const Viewpoint& from, const Eigen::Vector3d& position,
                                const Eigen::Vector3d& target);
/// The same position and direction without roll.
[[nodiscard]] Viewpoint level(const Viewpoint& from);
/// Eased interpolation between two viewpoints, t in [0, 1]: positions linear, rotations by spherical
/// interpolation; at 0 and 1 exactly the ends.
[[nodiscard]] Viewpoint between(const Viewpoint& a, const Viewpoint& b, double t);

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
