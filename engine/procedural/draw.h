#pragma once

#include "engine/procedural/world.h"
#include "engine/scene/camera.h"

#include <cstdint>
#include <span>

namespace lact {

/// Draws a world into `rgb` [size, size, 3], composed over white, and, unless it is empty, `mask` [size,
/// size]. One sample at every corner of a pixel; where those differ, 3 x 3 within it instead. The camera's
/// picture must be size x size.
void draw_world(const World& world, const Camera& camera, int size, std::span<std::uint8_t> rgb,
                std::span<std::uint8_t> mask);

/// Where the ray through the middle of each pixel meets an object first: `position` [size, size, 3] in world
/// coordinates, 0 where it meets none.
void draw_positions(const World& world, const Camera& camera, int size, std::span<float> position);

}  // namespace lact
