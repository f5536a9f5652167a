#pragma once

#include "engine/procedural/exact_math.h"
#include "engine/procedural/random.h"

namespace lact {

/// A wave of period 1 in [-1, 1] made of parabolas, close to sin(2 pi x); cheap and identical on every
/// device.
[[nodiscard]] inline float wave(float x) {
    const float f = x - static_cast<float>(floor_to_int(x + 0.5F));
    return f * (8 - 16 * absolute(f));
}

/// Value noise in [0, 1] with one random value per integer lattice point.
[[nodiscard]] inline float noise(const Vec3f& p, std::uint32_t seed) {
    const int ix = floor_to_int(p.x);
    const int iy = floor_to_int(p.y);
    const int iz = floor_to_int(p.z);
    const auto ease = [](float t) { return t * t * (3 - 2 * t); };
    const float fx = ease(p.x - static_cast<float>(ix));
    const float fy = ease(p.y - static_cast<float>(iy));
    const float fz = ease(p.z - static_cast<float>(iz));
    const auto line = [&](int y, int z) {
        const float a = unit_of(hash_of(ix, y, z, seed));
        const float b = unit_of(hash_of(ix + 1, y, z, seed));
        return a + (b - a) * fx;
    };
    const float low0 = line(iy, iz);
    const float low = low0 + (line(iy + 1, iz) - low0) * fy;
    const float high0 = line(iy, iz + 1);
    const float high = high0 + (line(iy + 1, iz + 1) - high0) * fy;
    return low + (high - low) * fz;
}

/// The angle of (x, y) in turns, in (-0.5, 0.5], with an error below 1e-4, by arithmetic only.
[[nodiscard]] inline float turns_of(float y, float x) {
    const float ax = absolute(x);
    const float ay = absolute(y);
    const float most = larger(ax, ay);
    if (most <= 0) {
        return 0;
    }
    const float r = smaller(ax, ay) / most;
    const float s = r * r;
    // A polynomial for atan(r) / (2 pi) on [0, 1].
    float turns =
        r * (0.1591513F +
             s * (-0.0529387F + s * (0.0308034F + s * (-0.0185309F + s * (0.00838F - s * 0.0018655F)))));
    turns = ay > ax ? 0.25F - turns : turns;
    turns = x < 0 ? 0.5F - turns : turns;
    return y < 0 ? -turns : turns;
}

}  // namespace lact
