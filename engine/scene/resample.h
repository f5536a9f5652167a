#pragma once

#include "engine/scene/image.h"
#include "engine/scene/prepare.h"

#include <cstdint>

namespace lact {

/// The window at (left, top) of `resize_lanczos(image, resized)`, value for value, without making the rest.
/// The window lies inside of `resized`; all sizes are positive.
[[nodiscard]] Image8 resize_lanczos_window(const Image8& image, Size resized, int left, int top, Size window);

/// a / 255 rounded to nearest as Pillow's SHIFTFORDIV255 does it, for 0 <= a <= 255 * 255.
[[nodiscard]] constexpr std::uint8_t divide_255(int a) {
    const int t = a + 128;
    return static_cast<std::uint8_t>(((t >> 8) + t) >> 8);
}

[[nodiscard]] constexpr std::uint8_t multiply_255(int a, int b) {
    return divide_255(a * b);
}

}  // namespace lact
