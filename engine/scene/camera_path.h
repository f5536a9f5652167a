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

/// The released scene path (`get_interpolated_cameras`): `between` views between neighbouring cameras, linear
/// in all 16 matrix entries. Its rotations are not rotations; kept because released videos were made with it.
[[nodiscard]] std::vector<Camera> released_interpolation(std::span<const Camera> cameras, int between);

/// A closed smooth orbit fitted to the given cameras (not empty): around the point their axes meet in, about
/// their mean up, at their mean radius and elevation, with their mean intrinsics, starting at the first
/// camera's azimuth. Where the cameras leave more than 200 degrees of the circle empty nothing is known
/// there, and the orbit swings to and fro over the azimuths they cover instead; where their axes do not meet
/// in front of them it looks at a point on their mean axis.
[[nodiscard]] std::vector<Camera> orbit(std::span<const Camera> cameras, int frames, Size size);

/// An order of the cameras that keeps neighbours near each other (in position and view direction) and starts
/// at the first one: nearest neighbour, then 2-opt. The same for the same cameras.
[[nodiscard]] std::vector<std::size_t> near_order(std::span<const Camera> cameras);

/// Through all given cameras in near_order(): positions on a Catmull-Rom spline, rotations by spherical
/// interpolation, intrinsics linear, at an even speed. The first and last frame are the first and last camera
/// of that order.
[[nodiscard]] std::vector<Camera> through_cameras(std::span<const Camera> cameras, int frames);

enum class PathKind { orbit, release, inputs };
[[nodiscard]] Result<PathKind> parse_path_kind(std::string_view text);  ///< "orbit|release|inputs"

/// One path for `render`: the kinds above; every camera has `size`. `cameras` (the input views at `size`) not
/// empty.
[[nodiscard]] std::vector<Camera> make_path(PathKind kind, std::span<const Camera> cameras, int frames,
                                            Size size);

}  // namespace lact
