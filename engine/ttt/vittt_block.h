#pragma once

#include "engine/core/error.h"
#include "engine/ttt/vittt_glu.h"

#include <cstdint>

#include <ATen/ATen.h>

namespace lact {

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
