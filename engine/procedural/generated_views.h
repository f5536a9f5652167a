#pragma once

#include "engine/procedural/camera_poses.h"
#include "engine/procedural/world.h"
#include "engine/procedural/world_family.h"
#include "engine/scene/camera.h"

#include <cstdint>
#include <span>
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

/// The pictures of one generated world, view by view: what generate_views() is made of. All functions may be
/// called from many threads at once.
class ViewGenerator {
  public:
    /// Makes the world of the seed; pictures are `size` x `size`.
    ViewGenerator(const WorldFamily& family, std::uint64_t seed, int size);

    [[nodiscard]] const World& world() const { return world_; }
    /// The camera of view `index` (from 0 on) as GeneratedViews has it.
    [[nodiscard]] Camera camera(int index) const;
    /// Draws that view into `rgb` [size, size, 3] and, unless it is empty, `mask` [size, size].
    void draw(int index, std::span<std::uint8_t> rgb, std::span<std::uint8_t> mask) const;

  private:
    World world_;
    std::uint64_t seed_;
    int size_;
    Similarity normalization_;  ///< Of scenes; of objects none.
};

}  // namespace lact
