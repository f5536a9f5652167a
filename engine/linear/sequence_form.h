#pragma once

#include "engine/linear/form.h"
#include "engine/ttt/sequence_layer.h"

#include <optional>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// One chunk of a sequence as linear attention: the writes of its tokens and the momentum buffer after them.
struct SequenceFormChunk {
    ChunkSpan span;
    FastWeights before;  ///< Weights at which phi(k) and v-hat are taken.
    at::Tensor phi_k;    ///< [n, tokens, d_phi]
    at::Tensor v_hat;    ///< [n, tokens, d_out] with rate and sign.
    at::Tensor alpha;    ///< [n, 1, 1] mean momentum of the chunk, fp64; 0 where the rule has none.
    at::Tensor delta;    ///< [n, d_phi, d_out] momentum buffer of W1 with the sign of the direction, fp64.
    MuonFactors muon;    ///< Of delta.
    /// [n, 1, d_out] weight norm of W1 after this chunk. NormPlace::post: the factor of this chunk, to be
    /// multiplied by all later ones; NormPlace::pre: the factor of the whole sum.
    at::Tensor d;
};

/// The linear-attention form of a TTT layer over a sequence: o_t = phi_t(q) S_t with S_t = S0 + sum over
/// chunks of M(Delta_j) (arXiv 2602.21204, theorems 5.2 and 5.3), for every rule. The weight norms multiply
/// columns.
struct SequenceForm {
    SequenceRule rule;
    FastWeights initial;
    std::vector<SequenceFormChunk> chunks;
    std::vector<FastWeights> after;  ///< Weights after each chunk.
};

/// Builds the form from the inputs of the layer alone, without the update step of engine/ttt. All chunks are
/// written, also the last. The inputs must have passed check_sequence().
[[nodiscard]] SequenceForm sequence_form_of(const SequenceRule& rule, const FastWeights& initial,
                                            const SequenceTokens& tokens,
                                            const FeatureGradientOf& gradient = chain_rule_gradient);

/// The form of single chunks against the recurrence: every chunk starts from the recurrence's own weights
/// before it, so that no chunk amplifies the rounding of those before. The largest |difference| of the
/// attention form from run_sequence(), divided by the largest |output|, over all chunks that read an update,
/// for any of n; empty where none does. Errors: those of check_sequence(); NormPlace::pre, whose sum is no
/// part of the trace.
[[nodiscard]] Result<std::optional<double>> compare_chunk_by_chunk(
    const SequenceRule& rule, const FastWeights& initial, const SequenceTokens& tokens,
    const FeatureGradientOf& gradient = chain_rule_gradient);

/// Outputs [n, L, d_out] from S_t, rebuilt as a sum over chunks, for q [n, L, d_in].
[[nodiscard]] at::Tensor read_state(const SequenceForm& form, const at::Tensor& q);

/// Outputs [n, L, d_out] as attention of every token to the tokens of all chunks that it reads: weights
/// phi_t(q) phi_i(k)^T, values v-hat_i R_i with R_i = sum over the chunks j >= i of beta_i^j P_R(Delta_j) and
/// the norms. Without Muon and weight norm R_i is the scalar C[t, i] of chunk_coefficients().
[[nodiscard]] at::Tensor read_attention(const SequenceForm& form, const at::Tensor& q);

}  // namespace lact
