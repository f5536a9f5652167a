#pragma once

#include "engine/procedural/scene_poses.h"
#include "engine/procedural/world.h"
#include "engine/scene/camera.h"

#include <cstdint>
#include <span>

namespace lact {

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
