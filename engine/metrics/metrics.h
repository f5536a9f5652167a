#pragma once

#include "engine/scene/image.h"

#include <vector>

namespace lact {

/// Mean squared error over all values. All measures here return NaN for empty images and for images of
/// different sizes.
[[nodiscard]] double mean_squared_error(const ImageF& a, const ImageF& b);

/// -10 log10(mse) in dB for values in [0, 1]; infinite for equal images.
[[nodiscard]] double psnr(const ImageF& a, const ImageF& b);

/// PSNR in dB over the pixels of `target` that are not white (any channel < 1 - 1/255); NaN if there are
/// none.
[[nodiscard]] double psnr_foreground(const ImageF& image, const ImageF& target);

/// Structural similarity (Wang et al. 2004) as scikit-image computes it with gaussian_weights=True,
/// sigma=1.5, use_sample_covariance=False, data_range=1: 11x11 Gaussian, K1 = 0.01, K2 = 0.03, in fp64, mean
/// over pixels at least 5 from the border, then over channels. Needs at least 11x11 pixels, otherwise NaN.
[[nodiscard]] double ssim(const ImageF& a, const ImageF& b);

/// The larger or smaller of two measured numbers; NaN where one is NaN, which std::max and std::min may pass
/// over.
[[nodiscard]] double larger_or_nan(double a, double b);
[[nodiscard]] double smaller_or_nan(double a, double b);

/// Differences of two images of one size; all NaN if the sizes differ.
struct PairFigures {
    double psnr = 0;             ///< dB; infinite for equal images.
    double ssim = 0;             ///< NaN below 11x11 pixels, or if not requested.
    double mean_difference = 0;  ///< Mean of A - B over all values; positive if A is brighter.
    double mean_error = 0;       ///< Mean of |A - B| over all values.
    double largest_error = 0;    ///< Maximum of |A - B|.
};
/// `with_ssim`: also compute the SSIM, which takes most of the time.
[[nodiscard]] PairFigures compare_images(const ImageF& a, const ImageF& b, bool with_ssim = true);

/// Per pixel, row by row: the mean over the channels of A - B, in [-1, 1]. Empty if the sizes differ.
[[nodiscard]] std::vector<float> signed_difference(const ImageF& a, const ImageF& b);
/// Per pixel, row by row: the mean over the channels of |A - B|, in [0, 1]. Empty if the sizes differ.
[[nodiscard]] std::vector<float> absolute_error(const ImageF& a, const ImageF& b);

}  // namespace lact
