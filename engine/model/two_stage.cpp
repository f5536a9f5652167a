#include "engine/model/two_stage.h"

#include <algorithm>

#include <ATen/ATen.h>

namespace lact {
namespace {

int64_t tokens_per_view(const Network& network, const at::Tensor& images) {
    const int64_t patch = network.config().patch;
    return (images.size(3) / patch) * (images.size(4) / patch);
}

BlockRecord* new_record(std::vector<BlockRecord>* records) {
    return records == nullptr ? nullptr : &records->emplace_back();
}

const LayerMethod* method_of(const PassOptions& options, std::size_t layer) {
    return options.methods == nullptr || options.methods->empty() ? nullptr : &options.methods->at(layer);
}

double fraction(std::size_t i, const Network& network) {
    return static_cast<double>(i) / network.config().layers;
}

}  // namespace

at::Tensor embed_in_tiles(const Network& network, const at::Tensor& posed, std::int64_t views) {
    at::Tensor tokens;
    for (int64_t first = 0; first < posed.size(1); first += views) {
        const int64_t last = std::min(first + views, posed.size(1));
        const at::Tensor part = network.embed(posed.slice(1, first, last));
        const int64_t view = part.size(1) / (last - first);
        if (!tokens.defined()) {
            tokens = at::empty({1, posed.size(1) * view, part.size(2)}, part.options());
        }
        tokens.slice(1, first * view, last * view).copy_(part);
    }
    return tokens;
}

Result<SceneState> set_up(const Network& network, const UpdateRule& rule, const at::Tensor& posed,
                          const Job& job, const PassOptions& options) {
    const int64_t view = tokens_per_view(network, posed);
    const int64_t tile = whole_views(options.tile, view);
    const bool in_tiles = posed.size(0) == 1 && posed.size(1) * view > tile && options.records == nullptr;
    auto x = in_tiles ? embed_in_tiles(network, posed, tile / view) : network.embed(posed);
    const auto layers = static_cast<std::size_t>(network.config().layers);
    SceneState state(layers);
    for (std::size_t i = 0; i < layers; ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        job.progress("updating fast weights", fraction(i, network));
        const Network::Pass pass{
            &rule, view, x.size(1), i + 1 == layers, options.token_weight, method_of(options, i)};
        if (in_tiles && (pass.method == nullptr || !pass.method->update)) {
            network.update_in_tiles(i, x, pass, tile, state[i]);
        } else {
            x = network.block(i, x, pass, state[i], new_record(options.records));
        }
    }
    return state;
}

Result<at::Tensor> render(const Network& network, const UpdateRule& rule, const SceneState& state,
                          const at::Tensor& pose, const Job& job, const PassOptions& options) {
    auto x = network.embed_targets(pose);
    for (std::size_t i = 0; i < state.size(); ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        FastWeights fast = state[i];
        const Network::Pass pass{&rule, tokens_per_view(network, pose), 0, false, {}, method_of(options, i)};
        x = network.block(i, x, pass, fast, new_record(options.records));
    }
    return network.decode(x, pose.size(1), pose.size(3), pose.size(4));
}

at::Tensor joint_pass(const Network& network, const UpdateRule& rule, const at::Tensor& posed,
                      const at::Tensor& pose, std::vector<BlockRecord>* records, SceneState* state) {
    const auto inputs = network.embed(posed);
    auto x = at::cat({inputs, network.embed_targets(pose)}, 1);
    for (std::size_t i = 0; i < static_cast<std::size_t>(network.config().layers); ++i) {
        FastWeights fast;
        x = network.block(i, x, {&rule, tokens_per_view(network, posed), inputs.size(1), false}, fast,
                          new_record(records));
        if (state != nullptr) {
            state->push_back(fast);
        }
    }
    return network.decode(x.slice(1, inputs.size(1)), pose.size(1), pose.size(3), pose.size(4));
}

}  // namespace lact
