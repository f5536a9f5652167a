#pragma once

#include "engine/linear/form.h"
#include "engine/linear/layer_inputs.h"

#include <vector>

#include <ATen/ATen.h>

namespace lact {

// Shares divide an output among S0 and the input tokens, at fixed P and D: the share of token j is
// <c_j, o> / |o|^2 with its contribution c_j(q) = (a_j v~_j) D. Centred shares divide o - mean(o) in the same
// way, with c_j - mean(c_j); both means are over all queries of a camera. Contributions are linear in
// phi(q), so the mean of phi(q) alone gives all means. Where the divided vector is zero up to fp64 rounding
// (1e-12 of |o| + |mean(o)|) or is not finite, shares are NaN.

/// Mean over all queries of a camera. Undefined tensors mean that nothing is subtracted (ShareOf::output).
struct MeanRead {
    at::Tensor phi_q;     ///< [n, 1, d_phi] mean of phi_{t+1}(q), fp64.
    at::Tensor fraction;  ///< [n] part of the mean |o|^2 that is |mean(o)|^2, 0 to 1.
};
/// The mean over queries q [n, queries, d_in].
[[nodiscard]] MeanRead mean_read(const LinearForm& form, const at::Tensor& q);

/// One row of A for each inner step, and the contribution of every input token to the output; all in fp64.
struct AttentionRow {
    /// [n, tokens] for each block: the weights a = phi_{t+1}(q) . (effective) key, never centred. Weights of
    /// different blocks belong to different values and must not be summed.
    std::vector<at::Tensor> weights;
    at::Tensor shares;  ///< [n, tokens] signed share of each token, summed over blocks.
    at::Tensor s0;      ///< [n] share of S0; s0 + sum of shares = 1.
    at::Tensor o;       ///< [n, 1, d_out] the output; its mean is not subtracted.
};

/// The row of one query token q [n, 1, d_in] (theorem 5.1 as attention). Time and memory are linear in the
/// tokens: the matrix A is never formed.
[[nodiscard]] AttentionRow attention_row(const LinearForm& form, const at::Tensor& q, MuonFactor factor,
                                         const MeanRead& mean = {});

/// Entropy in bits [n] of |a| / sum(|a|) for a row of weights a [n, tokens], from 0 (one token) to
/// log2(tokens). NaN where all weights are 0.
[[nodiscard]] at::Tensor entropy_bits(const at::Tensor& weights);

/// Signed shares of the input tokens in the outputs of any number of queries. Both products of the quotient
/// are summed over the queries.
struct TokenShares {
    at::Tensor tokens;  ///< [n, tokens]
    at::Tensor s0;      ///< [n] share of S0; s0 + sum over tokens = 1.
};
/// The shares for queries q [n, queries, d_in].
[[nodiscard]] TokenShares token_shares(const LinearForm& form, const at::Tensor& q, MuonFactor factor,
                                       const MeanRead& mean = {});

/// Signed share of one input token in the output of each query, [n, queries] for q [n, queries, d_in]. Each
/// query is normalised by its own |o|^2, or |o - mean(o)|^2. `token` is in [0, tokens).
[[nodiscard]] at::Tensor token_reads(const LinearForm& form, const at::Tensor& q, int64_t token,
                                     MuonFactor factor, const MeanRead& mean = {});

/// Sums [n, views] of [n, tokens] over the tokens of each view.
[[nodiscard]] at::Tensor view_sums(const at::Tensor& of_tokens, int64_t tokens_per_view);

// The effect of single input views on the state of one layer at frozen features: the inputs of the layer stay
// those of the set-up with all views. This is exact for the first layer only; the inputs of deeper layers
// depend on the views.

/// The fast weights after the update as the layer runs it (update_fast_weights()), with the tokens of each
/// view weighted by `view_weights` [views] in every gradient (0: left out, 1: unchanged). Muon and the weight
/// norm act after the sum (theorem 5.2 with a coefficient for each summand).
[[nodiscard]] FastWeights state_with_view_weights(const UpdateRule& rule, const LayerInputs& inputs,
                                                  const at::Tensor& view_weights);

/// One inner step from sums of gradients of any choice of views (view_gradients()): M, then the weight norm.
/// g0 and g2 may be undefined.
[[nodiscard]] FastWeights state_from_gradients(const UpdateRule& rule, const FastWeights& initial,
                                               const at::Tensor& g0, const at::Tensor& g1,
                                               const at::Tensor& g2);

}  // namespace lact
