#include "engine/train/training_loss.h"

namespace lact {

TrainingLoss training_loss(const at::Tensor& pictures, const at::Tensor& truth,
                           double gradient_difference_weight) {
    const auto mse = at::mse_loss(pictures, truth);
    if (gradient_difference_weight <= 0) {
        return {mse, mse};
    }
    const auto error = pictures - truth;
    const auto along = [&error](int64_t dimension) {
        const int64_t size = error.size(dimension);
        return (error.slice(dimension, 1) - error.slice(dimension, 0, size - 1)).square().mean();
    };
    return {mse + gradient_difference_weight * (along(-1) + along(-2)), mse};
}

}  // namespace lact
