#pragma once

#include "engine/scene/image.h"

#include <cstddef>
#include <cstdint>
#include <string>

// Compiled with the engine, which itself writes no JPEG.
extern "C" int stbi_write_jpg_to_func(void (*write)(void*, void*, int), void* target, int width, int height,
                                      int channels, const void* pixels, int quality);

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

/// The bytes of a JPEG file; with an entry of EXIF that says how the camera was held, unless `orientation` is
/// 0.
inline std::string jpeg_of(const Image8& image, int orientation = 0) {
    std::string bytes;
    const auto append = [](void* target, void* data, int size) {
        static_cast<std::string*>(target)->append(static_cast<const char*>(data),
                                                  static_cast<std::size_t>(size));
    };
    stbi_write_jpg_to_func(append, &bytes, image.width, image.height, image.channels, image.pixels.data(),
                           95);
    if (orientation != 0) {
        using namespace std::string_literals;
        // A TIFF in big-endian byte order with one directory of one entry: 0x0112, a short, once.
        const std::string tiff = "MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"s +
                                 static_cast<char>(orientation) + "\0\0\0\0\0\0"s;
        const std::string body = "Exif\0\0"s + tiff;
        bytes.insert(2, "\xFF\xE1\0"s + static_cast<char>(body.size() + 2) + body);
    }
    return bytes;
}

}  // namespace lact::test
