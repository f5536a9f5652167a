#pragma once

#include "engine/procedural/world.h"

namespace lact {

/// Where a ray meets a part, in the part's own frame (the unit shape).
struct LocalHit {
    float t = 0;   ///< Along the direction as given; world and local rays share it.
    Vec3f normal;  ///< Of any length, outwards.
};

/// The nearest meeting of a part with the ray o + t d (in the part's frame) with near < t < hit.t; false
/// leaves `hit` as it was. The ray starts outside of the part.
[[nodiscard]] bool intersect(const World& world, const Part& part, const Vec3f& o, const Vec3f& d,
                             LocalHit& hit);

/// Rays meet nothing nearer than this.
inline constexpr float nearest_hit = 1e-4F;

}  // namespace lact
