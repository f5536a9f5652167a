#pragma once

#include "engine/scene/image.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

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

/// The bytes of a PNG file of 16-bit grey values, at most some thousands. Its checksums are 0: they are not
/// read.
inline std::string png_of_16_bits(int width, int height, const std::vector<std::uint16_t>& values) {
    using namespace std::string_literals;
    const auto big_endian = [](std::size_t value, int bytes) {
        std::string text;
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
            text += static_cast<char>((value >> shift) & 0xffU);
        }
        return text;
    };
    const auto chunk = [&](const std::string& name, const std::string& body) {
        return big_endian(body.size(), 4) + name + body + "\0\0\0\0"s;
    };
    std::string rows;
    for (std::size_t i = 0; i < values.size(); ++i) {
        rows += i % static_cast<std::size_t>(width) == 0 ? "\0"s : ""s;  // No filter.
        rows += big_endian(values[i], 2);
    }
    const auto low_and_high = [](std::size_t value) {
        return std::string{static_cast<char>(value & 0xffU), static_cast<char>((value >> 8U) & 0xffU)};
    };
    // One stored block.
    const std::string deflated =
        "\x78\x01\x01"s + low_and_high(rows.size()) + low_and_high(~rows.size()) + rows + "\0\0\0\0"s;
    return "\x89PNG\r\n\x1a\n"s +
           chunk("IHDR", big_endian(static_cast<std::size_t>(width), 4) +
                             big_endian(static_cast<std::size_t>(height), 4) + "\x10\0\0\0\0"s) +
           chunk("IDAT", deflated) + chunk("IEND", "");
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
