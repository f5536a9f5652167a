#pragma once

#include "engine/scene/image.h"

#include <vector>

namespace lact {

/// Mean squared error over all values. Here and below: NaN where the pictures differ in size or are empty.
[[nodiscard]] double mean_squared_error(const ImageF& a, const ImageF& b);

/// -10 log10(mse) in dB for values in [0, 1]; infinite for equal pictures.
[[nodiscard]] double psnr(const ImageF& a, const ImageF& b);

/// PSNR over the pixels of `target` that are not white (any channel < 1 - 1/255); NaN where there is none.
[[nodiscard]] double psnr_foreground(const ImageF& image, const ImageF& target);

/// Structural similarity (Wang et al. 2004) as scikit-image computes it with gaussian_weights=True,
/// sigma=1.5, use_sample_covariance=False, data_range=1: 11x11 Gaussian, K1 = 0.01, K2 = 0.03, in fp64, mean
/// over pixels at least 5 from the border, then over channels. Needs at least 11x11 pixels, otherwise NaN.
[[nodiscard]] double ssim(const ImageF& a, const ImageF& b);

/// How two pictures of one size differ; all NaN where their sizes differ.
struct PairFigures {
    double psnr = 0;             ///< dB; infinite for equal pictures.
    double ssim = 0;             ///< NaN below 11x11 pixels, or where it was left out.
    double mean_difference = 0;  ///< Of A - B over all values: how much brighter A is.
    double mean_error = 0;       ///< Of |A - B|.
    double largest_error = 0;    ///< Of |A - B|.
};
/// `with_ssim` false leaves out the figure that takes by far the longest.
[[nodiscard]] PairFigures compare_images(const ImageF& a, const ImageF& b, bool with_ssim = true);

/// One value a pixel, row by row: the mean over the channels of A - B, in [-1, 1]. Empty where the sizes
/// differ.
[[nodiscard]] std::vector<float> signed_difference(const ImageF& a, const ImageF& b);
/// The same of |A - B|, in [0, 1]: channels that differ both ways do not cancel.
[[nodiscard]] std::vector<float> absolute_error(const ImageF& a, const ImageF& b);

}  // namespace lact
