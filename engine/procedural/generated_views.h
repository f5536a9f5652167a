#pragma once

#include "engine/procedural/world_family.h"
#include "engine/scene/camera.h"

#include <cstdint>
#include <vector>

namespace lact {

/// Pictures of one generated world.
struct GeneratedViews {
    int size = 0;                    ///< Width and height of every picture.
    std::vector<std::uint8_t> rgb;   ///< [views, size, size, 3], objects over white.
    std::vector<std::uint8_t> mask;  ///< [views, size, size], 255 = object; empty for WorldKind::scene.
    std::vector<float> position;     ///< [views, size, size, 3], draw_positions(); empty unless asked for.
    std::vector<Camera> cameras;     ///< One for each view; scenes have normalised poses.
};

/// Makes the world of a family's seed and draws `views` pictures of it, anti-aliased, on the calling thread.
/// The same seed gives the same world and the same cameras on every machine; more views go on where fewer
/// ended.
[[nodiscard]] GeneratedViews generate_views(const WorldFamily& family, std::uint64_t seed, int views,
                                            int size);

/// The same, with the position that each pixel shows. Of families of WorldKind::object.
[[nodiscard]] GeneratedViews generate_views_with_positions(const WorldFamily& family, std::uint64_t seed,
                                                           int views, int size);

}  // namespace lact
