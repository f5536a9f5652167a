#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera.h"
#include "engine/scene/prepare.h"

#include <span>
#include <string_view>
#include <vector>

namespace lact {

/// The turntable of the released demo (`get_turntable_cameras_with_zoom_in`): azimuth 360 i / n (end
/// excluded), elevation 30 + 15 sin t degrees, radius 2.35 + 0.65 sin t with t = 2 pi i / (n - 1), up +z,
/// horizontal field of view 50 degrees.
[[nodiscard]] std::vector<Camera> released_turntable(int frames, Size size);

/// The turntable in the limit of many frames, a closed curve: the camera at `turn` in [0, 1].
[[nodiscard]] Camera released_turntable_at(double turn, Size size);

/// The released scene path (`get_interpolated_cameras`): `between` views between neighbouring cameras,
/// linear in all 16 matrix entries. The interpolated matrices are not rotations; kept for comparison with
/// the released videos.
[[nodiscard]] std::vector<Camera> released_interpolation(std::span<const Camera> cameras, int between);

/// A closed smooth orbit fitted to the cameras (not empty): around the point closest to their optical axes,
/// about their mean up direction, at their mean radius and elevation, with their mean intrinsics, starting
/// at the azimuth of the first camera. If the cameras leave more than 200 degrees of the circle empty, the
/// orbit oscillates over the azimuths that they cover. If their axes do not meet in front of them, it looks
/// at a point on their mean axis.
[[nodiscard]] std::vector<Camera> orbit(std::span<const Camera> cameras, int frames, Size size);

/// The geometry of an orbit, for other paths around the same point.
struct OrbitFrame {
    Eigen::Vector3d focus = Eigen::Vector3d::Zero();
    Eigen::Vector3d up = Eigen::Vector3d::UnitZ();    ///< Unit length.
    Eigen::Vector3d zero = Eigen::Vector3d::UnitX();  ///< Direction of azimuth 0, perpendicular to `up`.
};
/// The pose on a sphere around the focus that looks at the focus; angles in radians, azimuth
/// counter-clockwise seen from above. Defined also straight above the focus, where the azimuth determines
/// the up direction of the image.
[[nodiscard]] Eigen::Matrix4d look_at_focus(const OrbitFrame& frame, double azimuth, double elevation,
                                            double radius);
/// The fit of orbit(): mean radius and elevation, and the range of azimuths.
struct OrbitFit {
    OrbitFrame frame;
    double radius = 0;
    double elevation = 0;
    double middle = 0;    ///< Azimuth in radians: of the first camera for a full circle, otherwise of the
                          ///< middle of the arc.
    double half_arc = 0;  ///< In radians, if not `full`.
    bool full = true;
    Camera lens;  ///< The mean intrinsics.
};
/// Outlying cameras do not count.
[[nodiscard]] OrbitFit fit_orbit(std::span<const Camera> all, Size size);
/// The camera of the orbit at `turn` in [0, 1].
[[nodiscard]] Camera orbit_at(const OrbitFit& fit, double turn);

/// An order of the cameras that keeps neighbours close in position and viewing direction and starts at the
/// first camera: nearest neighbour, then 2-opt. Deterministic.
[[nodiscard]] std::vector<std::size_t> near_order(std::span<const Camera> cameras);

/// near_order() with a time for each camera: distance travelled plus angle turned (half a turn counts as the
/// mean distance of the cameras from their centre), strictly ascending from 0.
struct TimedOrder {
    std::vector<std::size_t> order;
    std::vector<double> times;
};
[[nodiscard]] TimedOrder timed_order(std::span<const Camera> cameras);

/// A path through all cameras in their timed_order(): positions on a Catmull-Rom spline, rotations on a
/// quaternion spline (pose_spline.h), intrinsics linear. The first and last frame are the first and last
/// camera of that order.
[[nodiscard]] std::vector<Camera> through_cameras(std::span<const Camera> cameras, int frames);

enum class PathKind { orbit, release, inputs };
[[nodiscard]] Result<PathKind> parse_path_kind(std::string_view text);  ///< "orbit|release|inputs"

/// A path of `frames` cameras of `size`, of one of the kinds above. `cameras`: the input views at `size`,
/// not empty.
[[nodiscard]] std::vector<Camera> make_path(PathKind kind, std::span<const Camera> cameras, int frames,
                                            Size size);

}  // namespace lact
