#pragma once

#include "engine/scene/camera.h"
#include "engine/scene/prepare.h"

#include <cstddef>
#include <optional>
#include <span>

#include <Eigen/Core>

namespace lact::app {

/// Intrinsics that fit any picture size: those of a picture of `reference` size. At another size they are
/// scaled so that the picture is covered, as photos are (cover_crop).
struct Lens {
    Size reference{1, 1};
    double fx = 1;
    double fy = 1;
    double cx = 0.5;
    double cy = 0.5;
};
[[nodiscard]] Lens lens_of(const Camera& camera);
/// Mean field of view of the cameras (not empty), principal point in the centre.
[[nodiscard]] Lens typical_lens(std::span<const Camera> cameras);
/// At the reference size: exactly the intrinsics of the lens.
[[nodiscard]] Camera make_camera(const Eigen::Matrix4d& c2w, const Lens& lens, Size size);
/// Horizontal and vertical angles of view of a camera, in degrees.
[[nodiscard]] Eigen::Vector2d field_of_view(const Camera& camera);

/// Where one looks from in a scene, and what the mouse turns around. A value: the functions of orbit_camera.h
/// and fly_camera.h make a new one of it.
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
/// flat front), one looks from the mean position along the mean direction. An empty list gives a default
/// viewpoint three units away from the origin.
[[nodiscard]] Viewpoint frame_all(std::span<const Camera> cameras);

/// The pose and lens of a camera exactly as they are; centre, up and scale stay.
[[nodiscard]] Viewpoint go_to(const Viewpoint& from, const Camera& camera);
/// The same place with the given lens (back to the typical one after go_to()).
[[nodiscard]] Viewpoint with_lens(const Viewpoint& from, const Lens& lens);
/// At `position`, looking at `target`, upright; where both agree, or one would look along `up`, the old
/// heading decides.
[[nodiscard]] Viewpoint look_at(const Viewpoint& from, const Eigen::Vector3d& position,
                                const Eigen::Vector3d& target);
/// The same position and direction without roll.
[[nodiscard]] Viewpoint level(const Viewpoint& from);
/// Eased way between two viewpoints, t in [0, 1]: positions linear, rotations by spherical interpolation; at
/// 0 and 1 exactly the ends.
[[nodiscard]] Viewpoint between(const Viewpoint& a, const Viewpoint& b, double t);

/// The camera of a list that is nearest in place and direction.
struct NearestCamera {
    std::size_t index = 0;     ///< In the list.
    double distance = 0;       ///< Of the positions, in world units.
    double angle_degrees = 0;  ///< Between the directions of view.
};
/// Distance in units of `scale` plus angle in radians decide; ties go to the lower index. Empty for an empty
/// list.
[[nodiscard]] std::optional<NearestCamera> nearest_camera(std::span<const Camera> cameras,
                                                          const Camera& camera, double scale);
/// The camera stands on the other one: same size, and pose and intrinsics equal but for rounding. Only then
/// a picture may be compared with the photo pixel by pixel.
[[nodiscard]] bool sits_on(const Camera& camera, const Camera& other);

}  // namespace lact::app
