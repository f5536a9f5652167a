#pragma once

#include "engine/scene/camera.h"

#include <array>
#include <cstdint>
#include <span>

namespace lact {

/// An augmentation of a scene. It is the same for all images and cameras of a sample, so the views stay
/// consistent. The default changes nothing.
struct Augmentation {
    double angle = 0;     ///< Rotation of the world about z, which is up, in radians.
    bool mirror = false;  ///< Mirrors the world in x after the rotation, and every image with it.
    double gamma = 1;     ///< Exponent of the pixel values; white stays white.
    std::array<int, 3> channels{0, 1, 2};  ///< Channel c of the result is channel channels[c] of the image.
};

/// The camera of the augmented image in the augmented world.
[[nodiscard]] Camera augmented(const Camera& camera, const Augmentation& augmentation);

/// Writes an 8-bit image [size, size, 3] as fp32 [3, size, size] in [0, 1] to `out`.
void write_augmented(std::span<const std::uint8_t> rgb, int size, const Augmentation& augmentation,
                     std::span<float> out);

/// Writes a silhouette (`mask` [size, size], 255 = object) and positions [size, size, 3] of the augmented
/// world as fp32 [4, size, size] to `out`: the silhouette in [0, 1], then x, y, z in world units.
void write_augmented_geometry(std::span<const std::uint8_t> mask, std::span<const float> position, int size,
                              const Augmentation& augmentation, std::span<float> out);

}  // namespace lact
