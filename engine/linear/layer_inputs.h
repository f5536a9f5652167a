#pragma once

#include "engine/ttt/fast_weights.h"

#include <ATen/ATen.h>

namespace lact {

/// All that a TTT layer was given and what it answered, recorded from a set-up and a read: what the
/// linear-attention twin is computed from, without the layer. n = batch x heads.
struct LayerInputs {
    FastWeights initial;          ///< What the layer starts from in every scene: [n, ..] each.
    UpdateTokens tokens;          ///< Keys, values and rates of all input views, view after view.
    at::Tensor q;                 ///< [n, queries, d_in] what the updated memory is read with.
    at::Tensor o;                 ///< [n, queries, d_out] read-out as the layer ran, before the output norm.
    int64_t tokens_per_view = 0;  ///< Patches of one view, row after row.

    [[nodiscard]] int64_t views() const { return tokens.k.size(1) / tokens_per_view; }
};

/// The same values in another type (fp32 or fp64).
[[nodiscard]] LayerInputs converted(const LayerInputs& inputs, at::ScalarType type);

/// The inputs of one of n, kept as a batch of one.
[[nodiscard]] LayerInputs only(const LayerInputs& inputs, int64_t index);

/// The inputs read with other queries; `o` then is undefined.
[[nodiscard]] LayerInputs with_queries(const LayerInputs& inputs, const at::Tensor& q);

/// A weight for each view as one for each token, [1, tokens, 1], in the type of the keys.
[[nodiscard]] at::Tensor token_weights(const at::Tensor& view_weights, int64_t tokens_per_view);

}  // namespace lact
