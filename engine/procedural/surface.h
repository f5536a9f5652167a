#pragma once

#include "engine/procedural/world.h"

namespace lact {

/// A point on a part: `p` in the part's unit frame, `q` the same with its sizes applied, and the unit normal
/// in the part's rotated frame.
struct SurfacePoint {
    Vec3f p;
    Vec3f q;
    Vec3f normal;
};

/// The colour of a material there.
[[nodiscard]] Vec3f material_color(const Material& material, const SurfacePoint& point);
/// The colour of a part there: its material under its marks.
[[nodiscard]] Vec3f surface_color(const World& world, const Part& part, const SurfacePoint& point);
/// Whether a letter (of 36) covers (u, v) in [0, 1]^2, v upwards.
[[nodiscard]] bool letter_covers(std::uint32_t letter, float u, float v);

}  // namespace lact
