#pragma once

#include "engine/procedural/world.h"
#include "engine/procedural/world_family.h"
#include "engine/scene/camera.h"
#include "engine/scene/similarity.h"

#include <cstdint>
#include <span>
#include <vector>

namespace lact {

/// Images of one generated world.
struct GeneratedViews {
    int size = 0;                    ///< Width and height of every image, in pixels.
    std::vector<std::uint8_t> rgb;   ///< [views, size, size, 3], objects over white.
    std::vector<std::uint8_t> mask;  ///< [views, size, size], 255 = object; empty for WorldKind::scene.
    std::vector<float> position;  ///< [views, size, size, 3], see draw_positions(); empty unless requested.
    std::vector<Camera> cameras;  ///< One per view; poses of scenes are normalised.
};

/// Generates the world of a family and seed and draws `views` anti-aliased images of it on the calling
/// thread. The same seed gives the same world and cameras on every machine; a larger number of views extends
/// a smaller one.
[[nodiscard]] GeneratedViews generate_views(const WorldFamily& family, std::uint64_t seed, int views,
                                            int size);

/// generate_views() with the world position of each pixel. For families of WorldKind::object.
[[nodiscard]] GeneratedViews generate_views_with_positions(const WorldFamily& family, std::uint64_t seed,
                                                           int views, int size);

/// Generates the images of one world view by view. All functions may be called from several threads at once.
class ViewGenerator {
  public:
    /// Generates the world of the seed; images are `size` x `size`.
    ViewGenerator(const WorldFamily& family, std::uint64_t seed, int size);

    [[nodiscard]] const World& world() const { return world_; }
    /// The camera of view `index` >= 0, as in GeneratedViews.
    [[nodiscard]] Camera camera(int index) const;
    /// Draws view `index` into `rgb` [size, size, 3] and into `mask` [size, size] unless it is empty.
    void draw(int index, std::span<std::uint8_t> rgb, std::span<std::uint8_t> mask) const;

  private:
    World world_;
    std::uint64_t seed_;
    int size_;
    Similarity normalization_;  ///< Identity for objects.
};

/// Camera `index` of a world for images of `size` x `size`, independent of the number of views. Any run of
/// consecutive views, and most subsets, surround the target. Not normalised.
[[nodiscard]] Camera rig_camera(const CameraRig& rig, std::uint64_t seed, int index, int size);

/// The similarity that `normalize` (engine/scene/normalize.h) applies by default to a capture with these
/// cameras (not empty): object captures are centred at a mean distance of 2.66, others are transformed to
/// the frame of the mean pose. It also applies to further cameras of the same world.
[[nodiscard]] Similarity normalization_of(std::span<const Camera> rig);
/// The camera transformed by a similarity.
[[nodiscard]] Camera moved(Camera camera, const Similarity& move);

}  // namespace lact
