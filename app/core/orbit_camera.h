#pragma once

#include "app/core/navigation.h"

namespace lact::app {

/// Turns around the centre: `yaw` about up, `pitch` about the camera's right axis, in radians; positive yaw
/// moves the camera to its right, positive pitch upwards. The distance stays, the camera keeps seeing the
/// centre at the same place of its picture, and it stops a degree before the poles.
[[nodiscard]] Viewpoint orbit(const Viewpoint& from, double yaw, double pitch);

/// Moves the camera and the centre along the picture's axes. `right` and `down` in picture heights: what is
/// at the centre's depth follows the pointer when both are minus the pointer's motion.
[[nodiscard]] Viewpoint pan(const Viewpoint& from, double right, double down);

/// Multiplies the distance to the centre by `factor` (below 1: nearer), within 1/100 to 100 times the scale.
[[nodiscard]] Viewpoint dolly(const Viewpoint& from, double factor);

/// Puts the centre onto the axis of view, as deep as the old one was (at least a tenth of the scale): after
/// flying, an orbit turns around what is in the middle of the picture.
[[nodiscard]] Viewpoint recenter(const Viewpoint& from);

}  // namespace lact::app
