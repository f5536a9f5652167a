#pragma once

#include "app/compare/compare_mode.h"
#include "engine/scene/image.h"

#include <string>

namespace lact::app {

/// How a comparison is drawn.
struct CompareStyle {
    CompareMode mode = CompareMode::side;
    double amplify = default_amplify;  ///< Differences of 1 / amplify take the last colour.
    double divider = 0.5;              ///< Share of A in the width of a wipe, 0 … 1.
    int scale = 1;                     ///< Enlargement, without smoothing.
};

/// Draws two images of one size: side by side with a gap (side and flip), split by a line (wipe), or as a
/// colour map of their difference. Empty where the sizes differ.
[[nodiscard]] Image8 compare_image(const ImageF& a, const ImageF& b, const CompareStyle& style);

/// A colour bar of difference or error from the lowest to the highest value, and its caption.
struct ColourKey {
    Image8 bar;
    std::string words;  ///< "A - B: blue -0.25, white 0, red +0.25"
};
[[nodiscard]] ColourKey colour_key(CompareMode mode, double amplify, int width, int height);

}  // namespace lact::app
