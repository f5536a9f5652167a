#pragma once

#include "engine/model/network.h"
#include "engine/model/tiles.h"

#include <cstdint>

namespace lact {

// LaCT-NVS in two stages: set-up updates the fast weights with the input views once, apply renders any number
// of target views with them. Together they reproduce the released joint pass (arXiv 2505.23884, section 4).

/// The state of a scene: the fast weights of every layer after the update.
using SceneState = std::vector<FastWeights>;

/// What a pass records and changes, beside the rule.
struct PassOptions {
    std::vector<BlockRecord>* records = nullptr;  ///< Receives a record of every block.
    at::Tensor token_weight{};  ///< [1, tokens, 1] coefficient of each input token in every gradient.
    const LayerMethods* methods = nullptr;  ///< In place of the TTT steps.
    std::int64_t tile = set_up_tile;        ///< Input tokens at once, in whole views, at least one.
};

/// Network::embed() of one set of views [1, v, 12, h, w], `views` at a time.
[[nodiscard]] at::Tensor embed_in_tiles(const Network& network, const at::Tensor& posed, std::int64_t views);

/// Set-up: updates the fast weights of all layers with posed input views [b, v, 12, h, w]. Stops between
/// layers if the job is cancelled. One set of views (b = 1) with more tokens than a tile is processed tile by
/// tile, unless records are asked for; a layer whose method has an update of its own takes all tokens at
/// once.
[[nodiscard]] Result<SceneState> set_up(const Network& network, const UpdateRule& rule,
                                        const at::Tensor& posed, const Job& job = {},
                                        const PassOptions& options = {});

/// Apply: renders target views as images [b, v, 3, h, w] in [0, 1] from their pose channels [b, v, 9, h, w].
/// Only reads the state. Stops between layers if the job is cancelled.
[[nodiscard]] Result<at::Tensor> render(const Network& network, const UpdateRule& rule,
                                        const SceneState& state, const at::Tensor& pose, const Job& job = {},
                                        const PassOptions& options = {});

/// The released joint pass over input and target tokens together, which the two stages reproduce. For tests.
[[nodiscard]] at::Tensor joint_pass(const Network& network, const UpdateRule& rule, const at::Tensor& posed,
                                    const at::Tensor& pose, std::vector<BlockRecord>* records = nullptr,
                                    SceneState* state = nullptr);

}  // namespace lact
