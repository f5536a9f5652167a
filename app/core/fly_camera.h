#pragma once

#include "app/core/navigation.h"

namespace lact::app {

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

}  // namespace lact::app
