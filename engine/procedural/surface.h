#pragma once

#include "engine/procedural/world.h"

namespace lact {

/// A point on a part: `p` in the unit frame of the part, `q` the same with the sizes applied, and the unit
/// normal in the rotated frame of the part.
struct SurfacePoint {
    Vec3f p;
    Vec3f q;
    Vec3f normal;
};

/// The colour of a material at a point.
[[nodiscard]] Vec3f material_color(const Material& material, const SurfacePoint& point);
/// The colour of a part at a point: its material and decals.
[[nodiscard]] Vec3f surface_color(const World& world, const Part& part, const SurfacePoint& point);
/// Whether letter `letter` (of 36) covers (u, v) in [0, 1]^2, with v upwards.
[[nodiscard]] bool letter_covers(std::uint32_t letter, float u, float v);

}  // namespace lact
