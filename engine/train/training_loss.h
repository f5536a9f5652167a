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

/// What the losses of the parts of a batch are divided by, so that they add up to the loss of the batch.
struct BatchTotals {
    double scenes = 0;        ///< Scenes of the batch; 0: the part is the batch.
    at::Tensor pixel_weight;  ///< Scalar: mean weight of a pixel, with a foreground weight.
    at::Tensor covered;       ///< Scalar: pixels with a silhouette above 0.5, with auxiliary losses.
};
/// Of the ground truth [b, v, 3, h, w] of a batch, and of its geometry [b, v, 4, h, w], which may be
/// undefined.
[[nodiscard]] BatchTotals batch_totals(const at::Tensor& ground_truth, const at::Tensor& geometry,
                                       const LossWeights& weights);

/// The loss of images [b, v, 3, h, w] against the ground truth of that shape. The squared error is a weighted
/// mean over pixels with weights of mean 1. The gradient difference is the mean squared error of the
/// differences of adjacent pixels, along rows plus along columns. `whole`: of the batch that these scenes are
/// a part of.
[[nodiscard]] TrainingLoss training_loss(const at::Tensor& images, const at::Tensor& ground_truth,
                                         const LossWeights& weights, const BatchTotals& whole = {});

/// Weighted squared errors of the auxiliary channels [b, v, 4, h, w] (silhouette, x, y, z) against the ground
/// truth of that shape. The position error is a mean over the pixels with a silhouette above 0.5.
[[nodiscard]] at::Tensor auxiliary_loss(const at::Tensor& auxiliary, const at::Tensor& ground_truth,
                                        const AuxiliaryLosses& weights, const BatchTotals& whole = {});

}  // namespace lact
