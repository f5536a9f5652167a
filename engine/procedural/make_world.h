#pragma once

#include "engine/procedural/builder.h"
#include "engine/procedural/world_family.h"

#include <string_view>
#include <vector>

namespace lact {

/// Generates the world of a family and seed, bit-identical on every machine.
[[nodiscard]] World make_world(const WorldFamily& family, std::uint64_t seed);

/// Whether an object class ("car") exists.
[[nodiscard]] bool is_object_class(std::string_view name);
[[nodiscard]] std::vector<std::string_view> object_class_names();

/// Builds one object of a random class of the family in an empty world, with its extent normalised.
void build_object(World& world, const WorldFamily& family, Random& random);
/// Centres an object and scales it, with its decals, to about [-1, 1]^3.
void normalize_extent(World& world, const ExtentStyle& style, Random& random);
/// Random light and cameras within the ranges of a family.
[[nodiscard]] Lighting lighting_in(const LightStyle& style, Random& random);
[[nodiscard]] CameraRig rig_in(const CameraStyle& style, Random& random);
/// Random light from any direction, from flat to hard.
[[nodiscard]] Lighting random_lighting(Random& random);
/// Random cameras around an object, as in captures of real objects.
[[nodiscard]] CameraRig object_rig(Random& random);

}  // namespace lact
