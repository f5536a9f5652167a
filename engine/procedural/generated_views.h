#pragma once

#include "engine/scene/camera.h"

#include <cstdint>
#include <vector>

namespace lact {

/// Which kind of generated world: one object before white (with a mask), or a whole scene without a mask:
/// objects on textured ground before a background dome, or a room.
enum class WorldFamily { object, scene };

/// Pictures of one generated world.
struct GeneratedViews {
    int size = 0;                    ///< Width and height of every picture.
    std::vector<std::uint8_t> rgb;   ///< [views, size, size, 3], objects over white.
    std::vector<std::uint8_t> mask;  ///< [views, size, size], 255 = object; empty for WorldFamily::scene.
    std::vector<Camera> cameras;     ///< One for each view; scenes have normalised poses.
};

/// Makes the world of a seed and draws `views` pictures of it, anti-aliased, on the calling thread. The same
/// seed gives the same world and the same cameras on every machine; more views go on where fewer ended.
[[nodiscard]] GeneratedViews generate_views(WorldFamily family, std::uint64_t seed, int views, int size);

}  // namespace lact
