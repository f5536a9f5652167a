#pragma once

#include "engine/procedural/exact_math.h"

#include <cstdint>

namespace lact {

/// Random numbers by integer arithmetic only (splitmix64, Steele et al. 2014): the same on every machine.
/// The order of calls determines the world of a seed. Therefore two calls never occur in one expression with
/// unspecified order of evaluation (operands, arguments); braced initialisers are ordered.
class Random {
  public:
    /// `stream` selects one of the independent sequences of a seed.
    Random(std::uint64_t seed, std::uint64_t stream);

    [[nodiscard]] std::uint32_t next();
    /// A multiple of 2^-24 in [0, 1).
    [[nodiscard]] float unit();
    [[nodiscard]] float range(float low, float high);
    /// 2^x with x uniform in [low, high]: for sizes and frequencies.
    [[nodiscard]] float octaves(float low, float high);
    /// A whole number in [0, count).
    [[nodiscard]] int below(int count);
    /// A whole number in [low, high].
    [[nodiscard]] int between(int low, int high);
    [[nodiscard]] bool chance(float probability);
    /// -1 or 1.
    [[nodiscard]] float sign();
    /// Uniform on the sphere.
    [[nodiscard]] Vec3f direction();
    /// Uniform over rotations.
    [[nodiscard]] Mat3f rotation();

  private:
    std::uint64_t state_;
};

/// A hash of integers for noise; shaders compute the same.
[[nodiscard]] inline std::uint32_t hash_of(std::uint32_t x, std::uint32_t y, std::uint32_t z,
                                           std::uint32_t seed) {
    std::uint32_t h = x * 374761393U + y * 668265263U + z * 2147483647U + seed * 974711U;
    h = (h ^ (h >> 13U)) * 1274126177U;
    h ^= h >> 16U;
    h *= 2246822519U;
    return h ^ (h >> 15U);
}
[[nodiscard]] inline std::uint32_t hash_of(int x, int y, int z, std::uint32_t seed) {
    return hash_of(static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y),
                   static_cast<std::uint32_t>(z), seed);
}
/// The upper 24 bits of a hash as a number in [0, 1).
[[nodiscard]] inline float unit_of(std::uint32_t hash) {
    return static_cast<float>(static_cast<std::int32_t>(hash >> 8U)) * (1.0F / 16777216.0F);
}

}  // namespace lact
