#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/linear/layer_inputs.h"
#include "engine/model/network.h"

#include <functional>

#include <ATen/ATen.h>

namespace lact {

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
