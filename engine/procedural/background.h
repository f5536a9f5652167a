#pragma once

#include "engine/procedural/world.h"

namespace lact {

/// What a ray meets beyond all parts of a scene: ground, walls, or the dome.
struct BackgroundHit {
    const Material* material = nullptr;  ///< None: `color` is final (the dome).
    Vec3f color{1, 1, 1};
    Vec3f at;
    Vec3f normal{0, 0, 1};
};
[[nodiscard]] BackgroundHit meet_background(const World& world, const Vec3f& origin, const Vec3f& direction);

}  // namespace lact
