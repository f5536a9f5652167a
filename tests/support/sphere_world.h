#pragma once

#include "engine/procedural/generated_views.h"

#include <cstdint>

namespace lact::test {

/// A stand-in for generate_views() that costs next to nothing: one shaded ball of a random colour, size and
/// place before white, seen from all around.
[[nodiscard]] GeneratedViews sphere_views(const WorldFamily& family, std::uint64_t seed, int views, int size);

}  // namespace lact::test
