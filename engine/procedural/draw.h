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

/// What a ray meets beyond all parts of a scene: ground, walls, or the dome.
struct BackgroundHit {
    const Material* material = nullptr;  ///< None: `color` is final (the dome).
    Vec3f color{1, 1, 1};
    Vec3f at;
    Vec3f normal{0, 0, 1};
};
[[nodiscard]] BackgroundHit meet_background(const World& world, const Vec3f& origin, const Vec3f& direction);

}  // namespace lact
