#include "engine/train/training_loss.h"

namespace lact {
namespace {

/// Mean squared error with a higher weight on pixels of the object than on the white background.
at::Tensor weighted_error(const at::Tensor& error, const at::Tensor& ground_truth, double foreground) {
    constexpr double white = 254.0 / 255;
    const auto object = ground_truth.amin({-3}, /*keepdim=*/true).lt(white).to(error.scalar_type());
    const auto weight = object * foreground + 1;
    return (weight * error.square()).mean() / weight.mean();
}

}  // namespace

TrainingLoss training_loss(const at::Tensor& images, const at::Tensor& ground_truth,
                           const LossWeights& weights) {
    const auto error = images - ground_truth;
    TrainingLoss loss;
    if (weights.foreground > 0) {
        loss.mse = at::mse_loss(images.detach(), ground_truth);
        loss.total = weighted_error(error, ground_truth, weights.foreground);
    } else {
        loss.mse = loss.total = at::mse_loss(images, ground_truth);
    }
    if (weights.gradient_difference > 0) {
        const auto along = [&error](int64_t dimension) {
            const int64_t size = error.size(dimension);
            return (error.slice(dimension, 1) - error.slice(dimension, 0, size - 1)).square().mean();
        };
        loss.total = loss.total + weights.gradient_difference * (along(-1) + along(-2));
    }
    return loss;
}

at::Tensor auxiliary_loss(const at::Tensor& auxiliary, const at::Tensor& ground_truth,
                          const AuxiliaryLosses& weights) {
    const auto covered = ground_truth.slice(2, 0, 1);
    const auto silhouette = at::mse_loss(auxiliary.slice(2, 0, 1), covered);
    const auto object = covered.gt(0.5).to(ground_truth.scalar_type());
    const auto squared = (auxiliary.slice(2, 1) - ground_truth.slice(2, 1)).square().sum(2, /*keepdim=*/true);
    const auto position = (object * squared).sum() / object.sum().clamp_min(1);
    return weights.silhouette * silhouette + weights.position * position;
}

}  // namespace lact
