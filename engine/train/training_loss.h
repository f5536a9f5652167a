#pragma once

#include <ATen/ATen.h>

namespace lact {

/// What training makes small, and the part of it that PSNR is made of.
struct TrainingLoss {
    at::Tensor total;  ///< Scalar: weighted squared error + weight * gradient difference.
    at::Tensor mse;    ///< Scalar: mean squared error over all values.
};

struct LossWeights {
    double foreground = 0;           ///< Pixels of the truth that are not white count 1 + this.
    double gradient_difference = 0;  ///< 0: not computed.
};

/// Of images [b, v, 3, h, w] against the ground truth. The squared error is a weighted mean over pixels,
/// whose weights sum to their number. The gradient difference is the mean squared error of differences
/// between neighbouring pixels, along rows plus along columns.
[[nodiscard]] TrainingLoss training_loss(const at::Tensor& images, const at::Tensor& truth,
                                         const LossWeights& weights);

}  // namespace lact
