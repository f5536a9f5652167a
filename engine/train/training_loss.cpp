#include "engine/train/training_loss.h"

namespace lact {
namespace {

/// Weights of the pixels [b, v, 1, h, w]: higher on the object than on the white background.
at::Tensor pixel_weights(const at::Tensor& ground_truth, double foreground) {
    constexpr double white = 254.0 / 255;
    const auto object = ground_truth.amin({-3}, /*keepdim=*/true).lt(white).to(ground_truth.scalar_type());
    return object * foreground + 1;
}

/// Pixels with a silhouette above 0.5, of a geometry [b, v, 4, h, w].
at::Tensor covered_pixels(const at::Tensor& geometry) {
    return geometry.slice(2, 0, 1).gt(0.5).to(geometry.scalar_type());
}

/// The share of the scenes of `part` in its batch.
double share_of(const at::Tensor& part, const BatchTotals& whole) {
    return whole.scenes > 0 ? static_cast<double>(part.size(0)) / whole.scenes : 1;
}

}  // namespace

BatchTotals batch_totals(const at::Tensor& ground_truth, const at::Tensor& geometry,
                         const LossWeights& weights) {
    BatchTotals totals;
    totals.scenes = static_cast<double>(ground_truth.size(0));
    if (weights.foreground > 0) {
        totals.pixel_weight = pixel_weights(ground_truth, weights.foreground).mean();
    }
    if (geometry.defined() && weights.auxiliary.any()) {
        totals.covered = covered_pixels(geometry).sum();
    }
    return totals;
}

TrainingLoss training_loss(const at::Tensor& images, const at::Tensor& ground_truth,
                           const LossWeights& weights, const BatchTotals& whole) {
    const double share = share_of(ground_truth, whole);
    const auto error = images - ground_truth;
    TrainingLoss loss;
    if (weights.foreground > 0) {
        const auto weight = pixel_weights(ground_truth, weights.foreground);
        const auto mean_weight = whole.pixel_weight.defined() ? whole.pixel_weight : weight.mean();
        loss.mse = at::mse_loss(images.detach(), ground_truth) * share;
        loss.total = share * (weight * error.square()).mean() / mean_weight;
    } else {
        loss.mse = loss.total = at::mse_loss(images, ground_truth) * share;
    }
    if (weights.gradient_difference > 0) {
        const auto along = [&error](int64_t dimension) {
            const int64_t size = error.size(dimension);
            return (error.slice(dimension, 1) - error.slice(dimension, 0, size - 1)).square().mean();
        };
        loss.total = loss.total + share * weights.gradient_difference * (along(-1) + along(-2));
    }
    return loss;
}

at::Tensor auxiliary_loss(const at::Tensor& auxiliary, const at::Tensor& ground_truth,
                          const AuxiliaryLosses& weights, const BatchTotals& whole) {
    const auto silhouette =
        share_of(ground_truth, whole) * at::mse_loss(auxiliary.slice(2, 0, 1), ground_truth.slice(2, 0, 1));
    const auto object = covered_pixels(ground_truth);
    const auto covered = whole.covered.defined() ? whole.covered : object.sum();
    const auto squared = (auxiliary.slice(2, 1) - ground_truth.slice(2, 1)).square().sum(2, /*keepdim=*/true);
    const auto position = (object * squared).sum() / covered.clamp_min(1);
    return weights.silhouette * silhouette + weights.position * position;
}

}  // namespace lact
