#pragma once

#include <ATen/ATen.h>

namespace lact {

/// What training makes small, and the part of it that PSNR is made of.
struct TrainingLoss {
    at::Tensor total;  ///< Scalar: mse + weight * gradient difference.
    at::Tensor mse;    ///< Scalar: mean squared error over all values.
};

/// Of pictures [b, v, 3, h, w] against the truth. The gradient difference is the mean squared error of
/// differences between neighbouring pixels, along rows plus along columns; without weight it is not computed.
[[nodiscard]] TrainingLoss training_loss(const at::Tensor& pictures, const at::Tensor& truth,
                                         double gradient_difference_weight);

}  // namespace lact
