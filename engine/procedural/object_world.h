#pragma once

#include "engine/procedural/builder.h"
#include "engine/procedural/world_family.h"

#include <string_view>
#include <vector>

namespace lact {

/// Whether objects of this class ("car") can be built.
[[nodiscard]] bool is_object_class(std::string_view name);
[[nodiscard]] std::vector<std::string_view> object_class_names();

/// Builds one object of a class of the family into an empty world, its extent normalised as the family says.
void build_object(World& world, const WorldFamily& family, Random& random);
/// Centres an object and scales it to about [-1, 1]^3, its marks with it.
void normalize_extent(World& world, const ExtentStyle& style, Random& random);
/// Light and cameras as a family describes them.
[[nodiscard]] Lighting lighting_in(const LightStyle& style, Random& random);
[[nodiscard]] CameraRig rig_in(const CameraStyle& style, Random& random);
/// Several lights, from flat to hard.
[[nodiscard]] Lighting random_lighting(Random& random);
/// Cameras around an object as captures of real ones have them.
[[nodiscard]] CameraRig object_rig(Random& random);

/// Objects on the ground under a sky, or in a room, with cameras before any normalisation.
[[nodiscard]] World make_scene_world(std::uint64_t seed);

}  // namespace lact
