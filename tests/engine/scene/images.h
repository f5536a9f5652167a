#pragma once

#include "engine/scene/image.h"

#include <cstddef>
#include <cstdint>

namespace lact::test {

/// A image of pseudo-random bytes; the same everywhere, so that other programs' results for it can be
/// written down.
inline Image8 random_image(int width, int height, int channels, std::uint32_t seed) {
    Image8 image{width, height, channels, {}};
    image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                        static_cast<std::size_t>(channels));
    for (auto& value : image.pixels) {
        seed = seed * 1664525U + 1013904223U;
        value = static_cast<std::uint8_t>(seed >> 24);
    }
    return image;
}

/// One colour all over; the number of values is the number of channels.
inline Image8 plain_image(int width, int height, const std::vector<std::uint8_t>& colour) {
    Image8 image{width, height, static_cast<int>(colour.size()), {}};
    for (int i = 0; i < width * height; ++i) {
        image.pixels.insert(image.pixels.end(), colour.begin(), colour.end());
    }
    return image;
}

}  // namespace lact::test
