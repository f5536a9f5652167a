#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>

namespace lact {

/// Counter-based random numbers: a pure function of keys and count, the same on every machine, so the n-th
/// training sample does not need those before it. SplitMix64 (Steele et al. 2014) seeded by a hash of
/// the keys.
class KeyedRandom {
  public:
    KeyedRandom(std::initializer_list<std::uint64_t> keys) {
        for (const std::uint64_t key : keys) {
            state_ = mix(state_ ^ mix(key + increment));
        }
    }

    std::uint64_t next() { return mix(state_ += increment); }

    /// An integer in [0, count), count < 2^32.
    std::uint64_t below(std::uint64_t count) { return ((next() >> 32) * count) >> 32; }

    /// A number in [least, most).
    double uniform(double least, double most) {
        return least + (most - least) * std::ldexp(static_cast<double>(next() >> 11), -53);
    }

    static std::uint64_t mix(std::uint64_t x) {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
        return x ^ (x >> 31);
    }

  private:
    static constexpr std::uint64_t increment = 0x9e3779b97f4a7c15ULL;
    std::uint64_t state_ = increment;
};

}  // namespace lact
