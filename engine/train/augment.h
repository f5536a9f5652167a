#pragma once

#include "engine/scene/camera.h"

#include <array>
#include <cstdint>
#include <span>

namespace lact {

/// One way of looking at a scene anew: the same for all pictures and cameras of a sample, so that they still
/// show one world. The default changes nothing.
struct Augmentation {
    double angle = 0;     ///< Radians; the world is turned by it about z, which is up.
    bool mirror = false;  ///< The world is mirrored in x (after the turn), and every picture with it.
    double gamma = 1;     ///< Values are raised to it; white stays white.
    std::array<int, 3> channels{0, 1, 2};  ///< Result channel c is channel channels[c] of the picture.
};

/// The camera that sees the changed world as the changed picture shows it.
[[nodiscard]] Camera augmented(const Camera& camera, const Augmentation& augmentation);

/// Writes a picture [size, size, 3] of 8 bits as fp32 [3, size, size] in [0, 1] to `out`.
void write_augmented(std::span<const std::uint8_t> rgb, int size, const Augmentation& augmentation,
                     std::span<float> out);

/// Writes a silhouette (`mask` [size, size], 255 = object) and positions [size, size, 3] of the changed world
/// as fp32 [4, size, size] to `out`: the silhouette in [0, 1], then x, y, z.
void write_augmented_geometry(std::span<const std::uint8_t> mask, std::span<const float> position, int size,
                              const Augmentation& augmentation, std::span<float> out);

}  // namespace lact
