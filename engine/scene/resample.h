#pragma once

#include "engine/scene/camera.h"
#include "engine/scene/image.h"

#include <cstdint>

namespace lact {

/// How far from a pixel others count, in pixels of the smaller of both images.
inline constexpr double lanczos_support = 3.0;

/// LANCZOS resampling of Pillow for 8-bit images, bit-exact with its fixed-point arithmetic: horizontal pass
/// first, each pass rounded and clamped to 8 bits; RGBA is premultiplied before and divided after.
[[nodiscard]] Image8 resize_lanczos(const Image8& image, Size size);

/// The window at (left, top) of `resize_lanczos(image, resized)`, with equal values, without computing the
/// rest. The window lies inside `resized`; all sizes are positive.
[[nodiscard]] Image8 resize_lanczos_window(const Image8& image, Size resized, int left, int top, Size window);

/// a / 255 rounded to nearest, as SHIFTFORDIV255 of Pillow, for 0 <= a <= 255 * 255.
[[nodiscard]] constexpr std::uint8_t divide_255(int a) {
    const int t = a + 128;
    return static_cast<std::uint8_t>(((t >> 8) + t) >> 8);
}

[[nodiscard]] constexpr std::uint8_t multiply_255(int a, int b) {
    return divide_255(a * b);
}

}  // namespace lact
