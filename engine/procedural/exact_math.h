#pragma once

#include "engine/procedural/vector.h"

namespace lact {

/// Sine and cosine of an angle in turns (1 = 360 degrees), by polynomials of exact operations: libm's differ
/// in the last bit from machine to machine. Error below 1e-6.
struct SineCosine {
    float sine = 0;
    float cosine = 1;
};
[[nodiscard]] SineCosine sine_cosine(float turns);

/// 2^x for |x| < 60, by exact operations. Relative error below 1e-6.
[[nodiscard]] float exp2_exact(float x);

/// Rotation about an axis of the frame (0 x, 1 y, 2 z) by an angle in turns.
[[nodiscard]] Mat3f rotation_about(int axis, float turns);
/// A rotation whose third column is `direction` (of any length but 0).
[[nodiscard]] Mat3f rotation_of_z_to(const Vec3f& direction);
/// The rotation of a quaternion of any length but 0.
[[nodiscard]] Mat3f rotation_of_quaternion(float w, float x, float y, float z);

}  // namespace lact
