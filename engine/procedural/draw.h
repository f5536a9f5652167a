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

}  // namespace lact
