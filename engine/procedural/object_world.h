#pragma once

#include "engine/procedural/builder.h"

namespace lact {

/// Builds one object of a random kind into an empty world, its extent normalised to about [-1, 1]^3.
void build_object(World& world, Random& random);
/// Centres an object and scales it to about [-1, 1]^3, its marks with it.
void normalize_extent(World& world, Random& random);
/// Several lights, from flat to hard.
[[nodiscard]] Lighting random_lighting(Random& random);
/// Cameras around an object as captures of real ones have them.
[[nodiscard]] CameraRig object_rig(Random& random);

/// Objects on the ground under a sky, or in a room, with cameras before any normalisation.
[[nodiscard]] World make_scene_world(std::uint64_t seed);

}  // namespace lact
