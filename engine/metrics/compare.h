#pragma once

#include "engine/scene/image.h"

#include <vector>

namespace lact {

/// How two pictures of one size differ; all NaN where their sizes differ.
struct PairFigures {
    double psnr = 0;             ///< dB; infinite for equal pictures.
    double ssim = 0;             ///< NaN below 11x11 pixels, or where it was left out.
    double mean_difference = 0;  ///< Of A - B over all values: how much brighter A is.
    double mean_error = 0;       ///< Of |A - B|.
    double largest_error = 0;    ///< Of |A - B|.
};
/// `with_ssim` false leaves out the figure that takes by far the longest.
[[nodiscard]] PairFigures compare_pictures(const ImageF& a, const ImageF& b, bool with_ssim = true);

/// One value a pixel, row by row: the mean over the channels of A - B, in [-1, 1]. Empty where the sizes
/// differ.
[[nodiscard]] std::vector<float> signed_difference(const ImageF& a, const ImageF& b);
/// The same of |A - B|, in [0, 1]: channels that differ both ways do not cancel.
[[nodiscard]] std::vector<float> absolute_error(const ImageF& a, const ImageF& b);

}  // namespace lact
