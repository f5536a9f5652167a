#pragma once

#include "app/compare/compare_mode.h"
#include "engine/scene/image.h"

#include <string>

namespace lact::app {

struct CompareStyle {
    CompareMode mode = CompareMode::side;
    double amplify = default_amplify;  ///< Differences of 1 / amplify take the last colour.
    double divider = 0.5;              ///< Share of the width that is A's in a wipe.
    int scale = 1;                     ///< Each pixel becomes so many each way.
};

/// Two pictures of one size as one: A and B beside each other (side and flip, with a gap), A left and B right
/// of a line (wipe), or the colours of their difference. An empty picture where the sizes differ.
[[nodiscard]] Image8 compare_image(const ImageF& a, const ImageF& b, const CompareStyle& style);

/// The colours of difference or error from the lowest to the highest value, and what they mean in words.
struct ColourKey {
    Image8 bar;
    std::string words;  ///< "A - B: blue -0.25, white 0, red +0.25"
};
[[nodiscard]] ColourKey colour_key(CompareMode mode, double amplify, int width, int height);

}  // namespace lact::app
