#pragma once

#include "engine/core/error.h"

#include <cstdint>

#include <ATen/ATen.h>

namespace lact {

/// Rotations of the rotary positions of the hierarchical ViTTT models for h x w positions of `channels`
/// channels: cosine and sine [h, w, channels / 2, 2]. Neighbouring channels form pairs; the first half of
/// the pairs turns with the row, the second with the column; base 10000. Errors: channels that are not a
/// multiple of 4, an empty grid.
[[nodiscard]] Result<at::Tensor> rotary_rotations(std::int64_t h, std::int64_t w, std::int64_t channels,
                                                  const at::TensorOptions& options);

/// Turns the pairs of x [batch, h * w, channels], row after row.
[[nodiscard]] at::Tensor rotated(const at::Tensor& x, const at::Tensor& rotations);

// ViTTT's 3 x 3 depth-wise convolution as an inner model: every sample of a batch trains kernels of its own.
// Pictures are [batch, channels, h, w], kernels [batch, channels, 3, 3]; outside of a picture all is zero.

/// out[r] = sum over the 3 x 3 offsets of x[r + offset] w[offset], channel by channel.
[[nodiscard]] at::Tensor apply_conv(const at::Tensor& w, const at::Tensor& x);

/// Gradient of the inner loss -scale mean over positions of <f(k), v>, before it is made smaller.
[[nodiscard]] at::Tensor conv_gradient(const at::Tensor& k, const at::Tensor& v);

/// One step of the inner training: the gradient of each kernel is divided by its norm + 1, then subtracted.
[[nodiscard]] at::Tensor update_conv(const at::Tensor& w, const at::Tensor& k, const at::Tensor& v);

/// The scale of ViTTT's inner loss, -scale <f(k), v> averaged over the positions, in both modules: 9^-1/2.
inline constexpr double vittt_scale = 1.0 / 3.0;

/// Fast weights of ViTTT's gated linear unit f(x) = (x linear) * silu(x gate). n = batch x heads.
struct GluWeights {
    at::Tensor linear;  ///< [n, d, d] (the released w1)
    at::Tensor gate;    ///< [n, d, d] (the released w2)
};

/// f(x) for x [n, positions, d].
[[nodiscard]] at::Tensor apply_glu(const GluWeights& weights, const at::Tensor& x);

/// Gradients of the inner loss by both matrices, before they are made smaller.
[[nodiscard]] GluWeights glu_gradient(const GluWeights& weights, const at::Tensor& k, const at::Tensor& v);

/// One step of the inner training: each column of a gradient is divided by its norm + 1, then subtracted.
[[nodiscard]] GluWeights update_glu(const GluWeights& weights, const at::Tensor& k, const at::Tensor& v);

/// Parameters of a ViTTT block (`TTT` of LeapLabTHU/ViTTT), as nn.Linear keeps them: [out, in]. d is the
/// width of a head, dim = heads x d.
struct VitttBlock {
    std::int64_t heads = 1;
    at::Tensor qkv_weight;   ///< [3 dim + 3 d, dim]: q, k, v of the GLU (dim each), then of the convolution
    at::Tensor qkv_bias;     ///< [3 dim + 3 d]; may be undefined
    at::Tensor proj_weight;  ///< [dim, dim + d]
    at::Tensor proj_bias;    ///< [dim]; may be undefined
    GluWeights glu;          ///< [heads, d, d] each: where every picture starts from
    at::Tensor conv;         ///< [d, 3, 3]
};

/// What the two inner models are given: n = batch x heads.
struct VitttInputs {
    std::int64_t h = 0;
    std::int64_t w = 0;
    GluWeights glu;         ///< [n, d, d] the initial ones, for every picture
    at::Tensor q, k, v;     ///< [n, h w, d] of the GLU, with rotary positions where they are on
    at::Tensor conv;        ///< [batch, d, 3, 3]
    at::Tensor q2, k2, v2;  ///< [batch, d, h, w] of the convolution
};

/// Projects x [batch, h w, dim]. `rotations` of rotary_rotations(h, w, dim), or undefined for none. Errors:
/// shapes that do not fit together, by the name of the tensor.
[[nodiscard]] Result<VitttInputs> vittt_inputs(const VitttBlock& block, const at::Tensor& x, std::int64_t h,
                                               std::int64_t w, const at::Tensor& rotations = {});

/// What a block computes.
struct VitttOutputs {
    GluWeights glu;  ///< after their inner training, as in VitttInputs
    at::Tensor conv;
    at::Tensor of_glu;   ///< [batch, h w, dim]
    at::Tensor of_conv;  ///< [batch, h w, d]
    at::Tensor y;        ///< [batch, h w, dim]
};
[[nodiscard]] VitttOutputs run_vittt(const VitttBlock& block, const VitttInputs& inputs);

}  // namespace lact
