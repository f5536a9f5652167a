#pragma once

#include "engine/ttt/vittt_block.h"

#include <cstdint>

#include <ATen/ATen.h>

namespace lact {

// The linear-attention forms of ViTTT's two inner models: attention over all positions (arXiv 2602.21204),
// implemented independently of the steps in engine/ttt. Products are fp64.

/// The GLU: o = phi'(q) * (q (W + K^T V~)) with V~ = (s v * phi(k)) D, phi = silu(x gate), phi' the gate
/// after its own step, s = 9^-1/2 / positions, D = 1 / (column norm of the gradient + 1). phi(k) gates the
/// values, phi'(q) the outputs.
struct GluForm {
    at::Tensor keys;         ///< [n, positions, d]
    at::Tensor values;       ///< [n, positions, d] V~
    at::Tensor initial;      ///< [n, d, d] W of the linear part.
    at::Tensor gate_before;  ///< [n, d, d]
    at::Tensor gate_after;   ///< [n, d, d]
};
/// The form of one inner step on k and v [n, positions, d].
[[nodiscard]] GluForm glu_form(const GluWeights& initial, const at::Tensor& k, const at::Tensor& v);

/// The output [n, queries, d] from the state W + K^T V~, for q [n, queries, d].
[[nodiscard]] at::Tensor read_state(const GluForm& form, const at::Tensor& q);
/// The output [n, queries, d] from the explicit matrix A = Q K^T.
[[nodiscard]] at::Tensor read_attention(const GluForm& form, const at::Tensor& q);

/// The 3 x 3 depth-wise convolution: out[r, c] = sum of q's window at r times w + sum over all positions p of
/// A_c[r, p] v~[p, c] with A_c[r, p] = the inner product of q's window at r and k's window at p. Every
/// position attends to every other; the window is only what is compared. v~ = s D_c v, D_c = 1 / (norm of
/// the kernel's gradient + 1).
struct ConvForm {
    at::Tensor keys;     ///< [batch, d, positions, 9] windows of k.
    at::Tensor values;   ///< [batch, d, positions]
    at::Tensor initial;  ///< [batch, d, 9]
    std::int64_t h = 0;  ///< Rows of the grid of positions.
    std::int64_t w = 0;  ///< Columns of the grid of positions.
};
/// The form of one inner step of kernels w [batch, d, 3, 3] on k and v [batch, d, h, w].
[[nodiscard]] ConvForm conv_form(const at::Tensor& w, const at::Tensor& k, const at::Tensor& v);
/// The output from the kernels, in the shape of q [batch, d, h, w].
[[nodiscard]] at::Tensor read_state(const ConvForm& form, const at::Tensor& q);
/// The output from the explicit matrices A_c, channel by channel.
[[nodiscard]] at::Tensor read_attention(const ConvForm& form, const at::Tensor& q);

/// The contributions to the output of one position.
struct PositionAttention {
    /// [positions] signed share of every position in the output, <what it adds, o> / |o|^2, over all heads or
    /// channels of one image.
    at::Tensor shares;
    double initial = 0;  ///< Share of the initial weights; initial + sum of shares = 1.
};
/// Contributions over the heads [first, first + heads) of a batch, those of one image, at query position
/// `position`, which is in [0, positions).
[[nodiscard]] PositionAttention position_attention(const GluForm& form, const at::Tensor& q,
                                                   std::int64_t first, std::int64_t heads,
                                                   std::int64_t position);
/// Contributions over the channels of image `image` of the batch.
[[nodiscard]] PositionAttention position_attention(const ConvForm& form, const at::Tensor& q,
                                                   std::int64_t image, std::int64_t position);

}  // namespace lact
