#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/model/network.h"
#include "engine/ttt/fast_weights.h"

#include <functional>

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

/// Sees the inputs of one layer; they are dropped afterwards unless it keeps them.
using LayerVisitor = std::function<void(int layer, const LayerInputs& inputs)>;

/// Set-up and read in one pass over input views [1, v, 12, h, w] and target views [1, t, 9, h, w], one layer
/// after the other, so that only one layer's record exists at a time. Queries are those of the input tokens,
/// then of the targets'. Stops between layers when the job says so.
[[nodiscard]] Result<void> walk_layers(const Network& network, const UpdateRule& rule,
                                       const at::Tensor& posed, const at::Tensor& pose, const Job& job,
                                       const LayerVisitor& visit);

/// What layer `layer` was given in the set-up that made `state`, with the queries of the input tokens. The
/// layers before it are only read, which gives the same tokens as their update did.
[[nodiscard]] Result<LayerInputs> record_layer(const Network& network, const UpdateRule& rule,
                                               const SceneState& state, const at::Tensor& posed, int layer,
                                               const Job& job = {});

/// Queries [heads, tokens, d_in] with which target views [1, t, 9, h, w] read layer `layer`, and its answer.
struct LayerRead {
    at::Tensor q;
    at::Tensor o;
};
[[nodiscard]] Result<LayerRead> record_read(const Network& network, const UpdateRule& rule,
                                            const SceneState& state, const at::Tensor& pose, int layer,
                                            const Job& job = {});

}  // namespace lact
