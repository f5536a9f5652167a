#pragma once

#include "engine/scene/image.h"

#include <array>
#include <cstdint>
#include <string>

namespace lact::app {

// Drawing into RGB images on the CPU, clipped to the image. Coordinates are pixels from the top left.

using Ink = std::array<std::uint8_t, 3>;

/// A filled box: pixels from left, top up to, but without, right, bottom.
void fill(Image8& image, int left, int top, int right, int bottom, const Ink& colour);
/// A straight line with round ends and smooth edges. `opacity` in [0, 1].
void draw_segment(Image8& image, std::array<double, 2> from, std::array<double, 2> to, double width,
                  const Ink& colour, double opacity = 1);

/// Text in a font of ASCII characters, 12 `scale` pixels a line. Some mathematical characters are spelled out
/// (φ: phi), others become a question mark.
void draw_text(Image8& image, int left, int top, const std::string& text, const Ink& colour, int scale);
[[nodiscard]] int text_width(const std::string& text, int scale);

}  // namespace lact::app
