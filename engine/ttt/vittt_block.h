#pragma once

#include "engine/core/error.h"

#include <cstdint>

#include <ATen/ATen.h>

namespace lact {

/// Rotary position embedding of the hierarchical ViTTT models for h x w positions of `channels` channels:
/// cosine and sine [h, w, channels / 2, 2]. Adjacent channels form pairs. The first half of the pairs rotates
/// with the row, the second half with the column; base 10000. Errors: channels that are not a multiple of 4,
/// an empty grid.
[[nodiscard]] Result<at::Tensor> rotary_rotations(std::int64_t h, std::int64_t w, std::int64_t channels,
                                                  const at::TensorOptions& options);

/// Rotates the channel pairs of x [batch, h * w, channels], positions in row-major order.
[[nodiscard]] at::Tensor rotated(const at::Tensor& x, const at::Tensor& rotations);

// ViTTT's 3 x 3 depth-wise convolution as an inner model: every sample of a batch trains its own kernels.
// Images are [batch, channels, h, w], kernels [batch, channels, 3, 3]; padding is zero.

/// out[r] = sum over the 3 x 3 offsets of x[r + offset] w[offset], channel by channel.
[[nodiscard]] at::Tensor apply_conv(const at::Tensor& w, const at::Tensor& x);

/// Gradient [batch, channels, 3, 3] of the inner loss, -scale times the mean over positions of <f(k), v>,
/// before its normalisation.
[[nodiscard]] at::Tensor conv_gradient(const at::Tensor& k, const at::Tensor& v);

/// The steps from ViTTT to linear attention that arXiv 2602.21204 takes in the ViTTT columns of its tables 1
/// and 2. The default is what ViTTT was released with.
struct VitttRule {
    bool update_gate = true;  ///< Variant 1 on: false, only the linear part of the GLU is updated.
    bool gated = true;        ///< Variant 3 on: false, f(x) = x linear.
    bool normalised = true;   ///< Variant 6: false, gradients are not divided by their norm + 1.
    bool ascent = false;      ///< Adds the gradient.
    bool read_key = false;    ///< Reads with the keys in place of the queries, in both modules.
    friend bool operator==(const VitttRule&, const VitttRule&) = default;
};

/// One inner step: divides the gradient of each kernel by its norm + 1 and subtracts it.
[[nodiscard]] at::Tensor update_conv(const at::Tensor& w, const at::Tensor& k, const at::Tensor& v,
                                     const VitttRule& rule = {});

/// The scale of ViTTT's inner loss, -scale <f(k), v> averaged over positions, in both modules: 9^-1/2.
inline constexpr double vittt_scale = 1.0 / 3.0;

/// Fast weights of ViTTT's gated linear unit f(x) = (x linear) * silu(x gate). n = batch x heads.
struct GluWeights {
    at::Tensor linear;  ///< [n, d, d] (the released w1)
    at::Tensor gate;    ///< [n, d, d] (the released w2)
};

/// f(x) for x [n, positions, d].
[[nodiscard]] at::Tensor apply_glu(const GluWeights& weights, const at::Tensor& x,
                                   const VitttRule& rule = {});

/// Gradients of the inner loss with respect to both matrices, before their normalisation; `gate` is undefined
/// where the rule does not update it.
[[nodiscard]] GluWeights glu_gradient(const GluWeights& weights, const at::Tensor& k, const at::Tensor& v,
                                      const VitttRule& rule = {});

/// One inner step: divides each column of a gradient by its norm + 1 and subtracts it.
[[nodiscard]] GluWeights update_glu(const GluWeights& weights, const at::Tensor& k, const at::Tensor& v,
                                    const VitttRule& rule = {});

/// Parameters of a ViTTT block (`TTT` of LeapLabTHU/ViTTT) in the layout of nn.Linear, [out, in]. d is the
/// width of a head, dim = heads x d.
struct VitttBlock {
    std::int64_t heads = 1;
    at::Tensor qkv_weight;   ///< [3 dim + 3 d, dim]: q, k, v of the GLU (dim each), then of the convolution.
    at::Tensor qkv_bias;     ///< [3 dim + 3 d]; may be undefined.
    at::Tensor proj_weight;  ///< [dim, dim + d]
    at::Tensor proj_bias;    ///< [dim]; may be undefined.
    GluWeights glu;          ///< [heads, d, d] each: initial weights for every image.
    at::Tensor conv;         ///< [d, 3, 3]
};

/// Inputs of the two inner models. n = batch x heads.
struct VitttInputs {
    std::int64_t h = 0;
    std::int64_t w = 0;
    GluWeights glu;         ///< [n, d, d] initial weights of every image.
    at::Tensor q, k, v;     ///< [n, h w, d] of the GLU, with rotary embedding where enabled.
    at::Tensor conv;        ///< [batch, d, 3, 3] initial kernels of every image.
    at::Tensor q2, k2, v2;  ///< [batch, d, h, w] of the convolution.
};

/// Projects x [batch, h w, dim]. `rotations` come from rotary_rotations(h, w, dim); undefined: none. Errors:
/// shapes that do not match, with the name of the tensor.
[[nodiscard]] Result<VitttInputs> vittt_inputs(const VitttBlock& block, const at::Tensor& x, std::int64_t h,
                                               std::int64_t w, const at::Tensor& rotations = {});

/// Results of a block.
struct VitttOutputs {
    GluWeights glu;      ///< [n, d, d] after the inner step.
    at::Tensor conv;     ///< [batch, d, 3, 3] after the inner step.
    at::Tensor of_glu;   ///< [batch, h w, dim]
    at::Tensor of_conv;  ///< [batch, h w, d]
    at::Tensor y;        ///< [batch, h w, dim] projection of both.
};
/// Takes the inner step of both models, reads them and projects.
[[nodiscard]] VitttOutputs run_vittt(const VitttBlock& block, const VitttInputs& inputs,
                                     const VitttRule& rule = {});

}  // namespace lact
