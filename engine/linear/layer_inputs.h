#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/model/two_stage.h"
#include "engine/ttt/fast_weights.h"

#include <cstdint>
#include <functional>

#include <ATen/ATen.h>

namespace lact {

/// The inputs and output of a TTT layer, recorded from a set-up and a read. The linear-attention form is
/// computed from these alone. n = batch x heads.
struct LayerInputs {
    FastWeights initial;          ///< Initial fast weights, the same for every scene: [n, ..] each.
    UpdateTokens tokens;          ///< Keys, values and rates of all input views, view after view.
    at::Tensor q;                 ///< [n, queries, d_in] queries that read the updated memory.
    at::Tensor o;                 ///< [n, queries, d_out] output of the layer before the output norm.
    int64_t tokens_per_view = 0;  ///< Patches of one view, in row-major order.

    [[nodiscard]] int64_t views() const { return tokens.k.size(1) / tokens_per_view; }
};

/// The same values in another type (fp32 or fp64).
[[nodiscard]] LayerInputs converted(const LayerInputs& inputs, at::ScalarType type);

/// The inputs of one of n, kept as a batch of one.
[[nodiscard]] LayerInputs only(const LayerInputs& inputs, int64_t index);

/// The inputs with at most `count` of their queries and outputs, evenly spread.
[[nodiscard]] LayerInputs with_spread_queries(const LayerInputs& inputs, int64_t count);

/// The inputs with other queries [n, queries, d_in]; `o` is undefined.
[[nodiscard]] LayerInputs with_queries(const LayerInputs& inputs, const at::Tensor& q);

/// Expands weights of the views [views] to weights of the tokens [1, tokens, 1], in the same type.
[[nodiscard]] at::Tensor token_weights(const at::Tensor& view_weights, int64_t tokens_per_view);

/// Receives the inputs of one layer. They are freed afterwards unless the visitor keeps them.
using LayerVisitor = std::function<void(int layer, const LayerInputs& inputs)>;

/// Runs set-up and read in one pass over input views [1, v, 12, h, w] and target views [1, t, 9, h, w], layer
/// by layer, so that the record of only one layer exists at a time; more input tokens than `tile` are
/// processed tile by tile, as in set_up(). Queries are those of the input tokens, then those of the targets.
/// Errors: the job was stopped, which is checked between layers.
[[nodiscard]] Result<void> walk_layers(const Network& network, const UpdateRule& rule,
                                       const at::Tensor& posed, const at::Tensor& pose, const Job& job,
                                       const LayerVisitor& visit, std::int64_t tile = set_up_tile);

/// Inputs of layer `layer` in the set-up that made `state`, with the queries of the input tokens; `posed` are
/// the input views [1, v, 12, h, w]. The layers are only read, which gives the same tokens as their update
/// did, tile by tile of `tile` tokens. Errors: the job was stopped.
[[nodiscard]] Result<LayerInputs> record_layer(const Network& network, const UpdateRule& rule,
                                               const SceneState& state, const at::Tensor& posed, int layer,
                                               const Job& job = {}, std::int64_t tile = set_up_tile);

/// record_layer() of every layer in turn, in one pass. Errors: the job was stopped.
[[nodiscard]] Result<void> record_layers(const Network& network, const UpdateRule& rule,
                                         const SceneState& state, const at::Tensor& posed, const Job& job,
                                         const LayerVisitor& visit, std::int64_t tile = set_up_tile);

/// Queries of a read and the layer's output for them.
struct LayerRead {
    at::Tensor q;  ///< [heads, tokens, d_in]
    at::Tensor o;  ///< [heads, tokens, d_out]
};
/// Queries with which target views `pose` [1, t, 9, h, w] read layer `layer`, and its output. Errors: the job
/// was stopped.
[[nodiscard]] Result<LayerRead> record_read(const Network& network, const UpdateRule& rule,
                                            const SceneState& state, const at::Tensor& pose, int layer,
                                            const Job& job = {});

}  // namespace lact
