#pragma once

#include "engine/procedural/world.h"

namespace lact {

/// A hit of a ray and a part, in the frame of the part (the unit shape).
struct LocalHit {
    float t = 0;   ///< Ray parameter for the direction as given; equal in world and local frame.
    Vec3f normal;  ///< Outward, not normalised.
};

/// Intersects a part with the ray o + t d (in the frame of the part). Writes the nearest hit with
/// nearest_hit < t < hit.t; returns false and leaves `hit` unchanged if there is none. The ray starts
/// outside the part.
[[nodiscard]] bool intersect(const World& world, const Part& part, const Vec3f& o, const Vec3f& d,
                             LocalHit& hit);

/// Lower limit of t for hits.
inline constexpr float nearest_hit = 1e-4F;

}  // namespace lact
