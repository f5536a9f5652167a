#include "engine/procedural/random.h"

#include "engine/procedural/exact_math.h"

namespace lact {
namespace {

std::uint64_t mixed(std::uint64_t z) {
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

}  // namespace

Random::Random(std::uint64_t seed, std::uint64_t stream)
    : state_(mixed(seed * 0xD1342543DE82EF95ULL + 0x9E3779B97F4A7C15ULL) ^
             mixed(stream * 0xA0761D6478BD642FULL + 0xE7037ED1A0B428DBULL)) {}

std::uint32_t Random::next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    return static_cast<std::uint32_t>(mixed(state_) >> 32U);
}

float Random::unit() {
    return unit_of(next());
}

float Random::range(float low, float high) {
    return low + (high - low) * unit();
}

float Random::octaves(float low, float high) {
    return exp2_exact(range(low, high));
}

int Random::below(int count) {
    return static_cast<int>((static_cast<std::uint64_t>(next()) * static_cast<std::uint64_t>(count)) >> 32U);
}

int Random::between(int low, int high) {
    return low + below(high - low + 1);
}

bool Random::chance(float probability) {
    return unit() < probability;
}

float Random::sign() {
    return chance(0.5F) ? -1.0F : 1.0F;
}

Vec3f Random::direction() {
    while (true) {
        const Vec3f v{range(-1, 1), range(-1, 1), range(-1, 1)};
        const float squared = dot(v, v);
        if (squared > 0.01F && squared <= 1) {
            return normalized(v);
        }
    }
}

Mat3f Random::rotation() {
    while (true) {
        const Vec3f v{range(-1, 1), range(-1, 1), range(-1, 1)};
        const float w = range(-1, 1);
        const float squared = dot(v, v) + w * w;
        if (squared > 0.01F && squared <= 1) {
            return rotation_of_quaternion(w, v.x, v.y, v.z);
        }
    }
}

}  // namespace lact
