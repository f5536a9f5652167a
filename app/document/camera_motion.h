#pragma once

#include "app/document/viewpoint.h"

#include <algorithm>
#include <optional>

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

/// What is held down, as numbers from -1 to 1, and what the mouse did since the last step.
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

/// Looks around (upright, a degree short of the poles) and moves for `seconds` (at most 0.1 of them count, so
/// that a stutter is no jump). Diagonal motion is not faster. The orbit's centre stays.
[[nodiscard]] Viewpoint fly(const Viewpoint& from, const FlyInput& input, FlySpeed speed, double seconds);

/// A camera that moves by itself for a while: eased at both ends.
class Glide {
  public:
    /// Turns around the centre by so many radians.
    void orbit(const Viewpoint& from, double yaw, double pitch, double seconds, double now);
    /// To another viewpoint.
    void to(const Viewpoint& from, const Viewpoint& target, double seconds, double now);
    void stop() { motion_.reset(); }
    [[nodiscard]] bool active() const { return motion_.has_value(); }
    [[nodiscard]] double seconds_left(double now) const {
        return motion_ ? std::max(0.0, motion_->began + motion_->seconds - now) : 0;
    }

    /// Where it is; ends by itself, at the end exactly. Empty where nothing moves.
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
