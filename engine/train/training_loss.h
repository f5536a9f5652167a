#pragma once

#include "engine/train/train_config.h"

#include <ATen/ATen.h>

namespace lact {

/// What training makes small, and the part of it that PSNR is made of.
struct TrainingLoss {
    at::Tensor total;  ///< Scalar: weighted squared error + weight * gradient difference.
    at::Tensor mse;    ///< Scalar: mean squared error over all values.
};

/// Weights of the parts of the loss.
struct LossWeights {
    double foreground = 0;           ///< Pixels of the truth that are not white count 1 + this.
    double gradient_difference = 0;  ///< 0: not computed.
    AuxiliaryLosses auxiliary;
};

/// Of images [b, v, 3, h, w] against the ground truth. The squared error is a weighted mean over pixels,
/// whose weights sum to their number. The gradient difference is the mean squared error of differences
/// between neighbouring pixels, along rows plus along columns.
[[nodiscard]] TrainingLoss training_loss(const at::Tensor& images, const at::Tensor& ground_truth,
                                         const LossWeights& weights);

/// Weighted squared errors of the auxiliary channels [b, v, 4, h, w] (silhouette, x, y, z) against the ground
/// truth of the same form. Positions count where the silhouette is more than half, as a mean over those
/// pixels.
[[nodiscard]] at::Tensor auxiliary_loss(const at::Tensor& auxiliary, const at::Tensor& ground_truth,
                                        const AuxiliaryLosses& weights);

}  // namespace lact
