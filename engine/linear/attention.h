#pragma once

#include "engine/linear/form.h"
#include "engine/linear/layer_inputs.h"

#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// One row of A for each inner step, and what every input token adds to the answer; all in fp64.
struct AttentionRow {
    /// [n, tokens] for each block: the weights a = phi_{t+1}(q) . (effective) key. Weights of different
    /// blocks have different values and must not be summed.
    std::vector<at::Tensor> weights;
    /// [n, tokens] signed share of each token in the answer, summed over blocks: <(a v~) D, o> / |o|^2.
    at::Tensor shares;
    at::Tensor s0;  ///< [n] share of S0; s0 + sum of shares = 1.
    at::Tensor o;   ///< [n, 1, d_out]
};

/// The row of one query token q [n, 1, d_in] (theorem 5.1 read as attention), in time and memory linear in
/// the tokens: the matrix A is never formed.
[[nodiscard]] AttentionRow attention_row(const LinearForm& form, const at::Tensor& q, AttentionSide side);

/// Shares of what the input tokens add to the answers of any number of queries, <(A_j V~_j) D, o> / |o|^2
/// with both products summed over the queries: at fixed P and D, signed.
struct TokenShares {
    at::Tensor tokens;  ///< [n, tokens]
    at::Tensor s0;      ///< [n] of S0; s0 + sum over tokens = 1
};
[[nodiscard]] TokenShares token_shares(const LinearForm& form, const at::Tensor& q, AttentionSide side);

/// Signed share of one input token in the answer of each query, [n, queries]: the column of that token where
/// token_shares() has its sum.
[[nodiscard]] at::Tensor token_reads(const LinearForm& form, const at::Tensor& q, int64_t token,
                                     AttentionSide side);

/// Sums over the tokens of each view: [n, views].
[[nodiscard]] at::Tensor view_sums(const at::Tensor& of_tokens, int64_t tokens_per_view);

// What single input views do to one layer's state at frozen features: the layer's inputs stay those of the
// set-up with all views, so this is exact for the first layer only; deeper ones would be given other tokens.

/// The layer's weights after the update, each view's tokens counted `view_weights` [views] times in every
/// gradient (0: left out, 1: as it is). Muon and the weight norm act after the sum (theorem 5.2 with a
/// coefficient for each summand).
[[nodiscard]] FastWeights state_with_view_weights(const UpdateRule& rule, const LayerInputs& inputs,
                                                  const at::Tensor& view_weights);

/// The same with the first `count` views alone.
[[nodiscard]] FastWeights state_after_views(const UpdateRule& rule, const LayerInputs& inputs, int64_t count);

/// One inner step from sums of gradients (of any choice of views, of view_gradients()): M, then the weight
/// norm. g0 and g2 may be undefined.
[[nodiscard]] FastWeights state_from_gradients(const UpdateRule& rule, const FastWeights& initial,
                                               const at::Tensor& g0, const at::Tensor& g1,
                                               const at::Tensor& g2);

}  // namespace lact
