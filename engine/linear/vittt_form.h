#pragma once

#include "engine/ttt/vittt_block.h"

#include <cstdint>

#include <ATen/ATen.h>

namespace lact {

// ViTTT's two inner models computed the other way, as linear attention over all positions (arXiv 2602.21204).
// Nothing here calls the steps of engine/ttt; products are fp64.

/// The GLU: o = phi'(q) * (q (W + K^T V~)) with V~ = (s v * phi(k)) D, phi = silu(x gate), phi' the gate
/// after its own step, s = 9^-1/2 / positions, D = 1 / (column norm of the gradient + 1). Values are gated
/// by phi(k), outputs by phi'(q).
struct GluForm {
    at::Tensor keys;         ///< [n, positions, d]
    at::Tensor values;       ///< [n, positions, d] V~
    at::Tensor initial;      ///< [n, d, d] W of the linear part
    at::Tensor gate_before;  ///< [n, d, d]
    at::Tensor gate_after;   ///< [n, d, d]
};
[[nodiscard]] GluForm glu_form(const GluWeights& initial, const at::Tensor& k, const at::Tensor& v);

/// From the state W + K^T V~. [n, queries, d]
[[nodiscard]] at::Tensor read_state(const GluForm& form, const at::Tensor& q);
/// From the explicit matrix A = Q K^T. [n, queries, d]
[[nodiscard]] at::Tensor read_attention(const GluForm& form, const at::Tensor& q);

/// The 3 x 3 depth-wise convolution: out[r, c] = sum of q's window at r times w + sum over all positions p of
/// A_c[r, p] v~[p, c] with A_c[r, p] = the inner product of q's window at r and k's window at p: the window
/// is what is compared, not how far the attention reaches. v~ = s D_c v, D_c = 1 / (norm of the kernel's
/// gradient + 1).
struct ConvForm {
    at::Tensor keys;     ///< [batch, d, positions, 9] windows of k
    at::Tensor values;   ///< [batch, d, positions]
    at::Tensor initial;  ///< [batch, d, 9]
    std::int64_t h = 0;
    std::int64_t w = 0;
};
/// w [batch, d, 3, 3], k and v [batch, d, h, w].
[[nodiscard]] ConvForm conv_form(const at::Tensor& w, const at::Tensor& k, const at::Tensor& v);
/// From the kernels. q [batch, d, h, w]; the result has its shape.
[[nodiscard]] at::Tensor read_state(const ConvForm& form, const at::Tensor& q);
/// From the explicit matrices A_c, channel by channel.
[[nodiscard]] at::Tensor read_attention(const ConvForm& form, const at::Tensor& q);

/// What one position's output is made of.
struct PositionAttention {
    /// [positions] signed share of every position in the answer, <what it adds, o> / |o|^2, over all heads or
    /// channels of one picture.
    at::Tensor shares;
    double initial = 0;  ///< of the initial weights; with all shares the sum is 1
};
/// Of the heads [first, first + heads) of a batch (one picture's), at query position `position`.
[[nodiscard]] PositionAttention position_attention(const GluForm& form, const at::Tensor& q,
                                                   std::int64_t first, std::int64_t heads,
                                                   std::int64_t position);
/// Of one picture of the batch.
[[nodiscard]] PositionAttention position_attention(const ConvForm& form, const at::Tensor& q,
                                                   std::int64_t image, std::int64_t position);

}  // namespace lact
