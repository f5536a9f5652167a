#pragma once

#include "engine/linear/layer_inputs.h"
#include "engine/ttt/update_rule.h"

#include <array>
#include <string_view>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

// Other attentions on the queries, keys and values of a TTT layer, to compare it with. Each gives an output
// o = A v with one weight for each token and the values v of the layer. They start from S = 0, have the
// identity kernel, no norm and no trained parameters of their own. All tensors are fp64.

enum class Comparator {
    softmax,  ///< softmax(q k^T / sqrt(d_in)) v
    linear,   ///< q S with S = sum of k^T v.
    gated,    ///< Gated linear attention (arXiv 2312.06635) with a scalar gate g: S <- g S + k^T v.
    delta,    ///< DeltaNet (arXiv 2406.06484), one token after the other: S <- S + beta k^T (v - k S).
};
inline constexpr std::array all_comparators = {Comparator::softmax, Comparator::linear, Comparator::gated,
                                               Comparator::delta};

/// "softmax attention", "linear attention", "gated linear attention" or "DeltaNet".
[[nodiscard]] std::string_view to_string(Comparator comparator);
/// The same as in a file name: "softmax", "linear", "gated" or "delta".
[[nodiscard]] std::string_view short_name(Comparator comparator);

/// The input tokens in the order of their views, and what stands for trained parameters.
struct ComparedTokens {
    at::Tensor k;     ///< [n, tokens, d_in]
    at::Tensor v;     ///< [n, tokens, d_out]
    at::Tensor beta;  ///< [n, tokens, 1] write strength of DeltaNet, in [0, 1].
    double gate = 1;  ///< Decay for each token, in (0, 1].
    int64_t tokens_per_view = 0;

    [[nodiscard]] int64_t tokens() const { return k.size(1); }
};

/// The tokens of a layer. `beta` is the layer's learned rate of W1, clipped to [0, 1]; 1 where the rule has
/// no per-token rates. `gate` is not trained: it is constant, such that the last token leaves 1/e of the
/// weight of the first.
[[nodiscard]] ComparedTokens compared_tokens(const UpdateRule& rule, const LayerInputs& inputs);

/// The attention rows A [n, queries, tokens] of queries q [n, queries, d_in]. The delta rule is unrolled
/// backwards: w_i = beta_i (q_i . k_i) and q_{i-1} = q_i - w_i k_i, from the query itself at the last token.
[[nodiscard]] at::Tensor comparator_weights(Comparator comparator, const ComparedTokens& tokens,
                                            const at::Tensor& q);

/// The states S [n, d_in, d_out] after each view; empty for softmax attention, which has none.
[[nodiscard]] std::vector<at::Tensor> comparator_states(Comparator comparator, const ComparedTokens& tokens);

/// The output [n, queries, d_out]: q times the last state, or softmax attention, 256 queries at a time.
[[nodiscard]] at::Tensor comparator_output(Comparator comparator, const ComparedTokens& tokens,
                                           const at::Tensor& q);

/// Mean over queries of the cosine of a and b [n, queries, d]: [n]. Zero vectors count as cosine 0.
[[nodiscard]] at::Tensor mean_cosine(const at::Tensor& a, const at::Tensor& b);

}  // namespace lact
