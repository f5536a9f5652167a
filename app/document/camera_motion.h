#pragma once

#include "app/document/viewpoint.h"

#include <algorithm>
#include <optional>

namespace lact::app {

/// Turns around the centre: `yaw` about up, `pitch` about the camera's right axis, in radians; positive yaw
/// moves the camera to its right, positive pitch upwards. The distance and the pixel of the centre stay; the
/// motion stops a degree before the poles.
[[nodiscard]] Viewpoint orbit(const Viewpoint& from, double yaw, double pitch);

/// Moves the camera and the centre along the image axes. `right` and `down` in image heights: points at the
/// depth of the centre follow the pointer when both are minus the motion of the pointer.
[[nodiscard]] Viewpoint pan(const Viewpoint& from, double right, double down);

/// Multiplies the distance to the centre by `factor` (below 1: nearer), within 1/100 to 100 times the scale.
[[nodiscard]] Viewpoint dolly(const Viewpoint& from, double factor);

/// Moves the centre onto the optical axis at its old depth (at least a tenth of the scale): after flying, an
/// orbit turns around the middle of the image.
[[nodiscard]] Viewpoint recenter(const Viewpoint& from);

/// Pressed keys as numbers from -1 to 1, and the motion of the mouse since the last step.
struct FlyInput {
    double forward = 0;  ///< W, S
    double right = 0;    ///< D, A
    double up = 0;       ///< E, Q: along the scene's up
    double yaw = 0;      ///< Radians to the right.
    double pitch = 0;    ///< Radians upwards.
    bool fast = false;   ///< Shift: four times as fast.
};

/// Speed of flight in scene scales a second.
struct FlySpeed {
    double value = 0.5;
};
/// The wheel changes the speed by a quarter each notch, within 0.01 to 20.
[[nodiscard]] FlySpeed wheel(FlySpeed speed, double notches);

/// Rotates in place (upright, a degree short of the poles) and moves for `seconds` (at most 0.1 s count, so
/// that a slow frame is no jump). Diagonal motion is not faster. The centre of the orbit stays.
[[nodiscard]] Viewpoint fly(const Viewpoint& from, const FlyInput& input, FlySpeed speed, double seconds);

/// An animated motion of the camera, eased at both ends.
class Glide {
  public:
    /// Turns around the centre by angles in radians.
    void orbit(const Viewpoint& from, double yaw, double pitch, double seconds, double now);
    /// To another viewpoint.
    void to(const Viewpoint& from, const Viewpoint& target, double seconds, double now);
    void stop() { motion_.reset(); }
    [[nodiscard]] bool active() const { return motion_.has_value(); }
    [[nodiscard]] double seconds_left(double now) const {
        return motion_ ? std::max(0.0, motion_->began + motion_->seconds - now) : 0;
    }

    /// The viewpoint at `now`; at the end exactly the target. Empty where no motion is active.
    [[nodiscard]] std::optional<Viewpoint> advance(double now);

  private:
    struct Motion {
        Viewpoint from;
        std::optional<Viewpoint> to;  ///< Else an orbit.
        double yaw = 0;
        double pitch = 0;
        double began = 0;
        double seconds = 0;
    };
    std::optional<Motion> motion_;
};

}  // namespace lact::app
