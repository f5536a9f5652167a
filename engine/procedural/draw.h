#pragma once

#include "engine/procedural/world.h"
#include "engine/scene/camera.h"

#include <cstdint>
#include <span>

namespace lact {

/// Draws a world into `rgb` [size, size, 3], composed over white, and into `mask` [size, size] unless it is
/// empty. Takes one sample at every pixel corner, and 3 x 3 samples within a pixel if its corners differ.
/// The camera must have size x size pixels.
void draw_world(const World& world, const Camera& camera, int size, std::span<std::uint8_t> rgb,
                std::span<std::uint8_t> mask);

/// The world position of the first object on the ray through the centre of each pixel, into `position`
/// [size, size, 3]; 0 if there is none.
void draw_positions(const World& world, const Camera& camera, int size, std::span<float> position);

/// The background that a ray hits behind all parts of a scene: ground, walls, or the dome.
struct BackgroundHit {
    const Material* material = nullptr;  ///< Null for the dome: `color` is final.
    Vec3f color{1, 1, 1};
    Vec3f at;
    Vec3f normal{0, 0, 1};
};
[[nodiscard]] BackgroundHit meet_background(const World& world, const Vec3f& origin, const Vec3f& direction);

}  // namespace lact
