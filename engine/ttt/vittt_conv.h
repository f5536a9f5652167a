#pragma once

#include <ATen/ATen.h>

namespace lact {

// ViTTT's 3 x 3 depth-wise convolution as an inner model: every sample of a batch trains kernels of its own.
// Pictures are [batch, channels, h, w], kernels [batch, channels, 3, 3]; outside of a picture all is zero.

/// out[r] = sum over the 3 x 3 offsets of x[r + offset] w[offset], channel by channel.
[[nodiscard]] at::Tensor apply_conv(const at::Tensor& w, const at::Tensor& x);

/// Gradient of the inner loss -scale mean over positions of <f(k), v>, before it is made smaller.
[[nodiscard]] at::Tensor conv_gradient(const at::Tensor& k, const at::Tensor& v);

/// One step of the inner training: the gradient of each kernel is divided by its norm + 1, then subtracted.
[[nodiscard]] at::Tensor update_conv(const at::Tensor& w, const at::Tensor& k, const at::Tensor& v);

}  // namespace lact
