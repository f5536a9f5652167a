#pragma once

#include "engine/train/train_config.h"

#include <ATen/ATen.h>

namespace lact {

/// The training loss and its mean squared error.
struct TrainingLoss {
    at::Tensor total;  ///< Scalar: weighted squared error + weight * gradient difference.
    at::Tensor mse;    ///< Scalar: mean squared error over all values.
};

/// Weights of the terms of the loss.
struct LossWeights {
    double foreground = 0;  ///< Pixels of the ground truth that are not white have the weight 1 + this.
    double gradient_difference = 0;  ///< 0: off.
    AuxiliaryLosses auxiliary;
};

/// The loss of images [b, v, 3, h, w] against the ground truth of that shape. The squared error is a weighted
/// mean over pixels with weights of mean 1. The gradient difference is the mean squared error of the
/// differences of adjacent pixels, along rows plus along columns.
[[nodiscard]] TrainingLoss training_loss(const at::Tensor& images, const at::Tensor& ground_truth,
                                         const LossWeights& weights);

/// Weighted squared errors of the auxiliary channels [b, v, 4, h, w] (silhouette, x, y, z) against the ground
/// truth of that shape. The position error is a mean over the pixels with a silhouette above 0.5.
[[nodiscard]] at::Tensor auxiliary_loss(const at::Tensor& auxiliary, const at::Tensor& ground_truth,
                                        const AuxiliaryLosses& weights);

}  // namespace lact
