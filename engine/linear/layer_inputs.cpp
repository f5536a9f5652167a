#include "engine/linear/layer_inputs.h"

#include <utility>

namespace lact {

namespace {

template <class Change>
LayerInputs changed(const LayerInputs& inputs, Change change) {
    const auto each = [&](const at::Tensor& x) { return x.defined() ? change(x) : x; };
    const auto& [w0, w1, w2] = inputs.initial;
    const auto& [k, v, lr0, lr1, lr2, weight] = inputs.tokens;
    return {{each(w0), each(w1), each(w2)},
            {each(k), each(v), each(lr0), each(lr1), each(lr2), each(weight)},
            each(inputs.q),
            each(inputs.o),
            inputs.tokens_per_view};
}

}  // namespace

LayerInputs converted(const LayerInputs& inputs, at::ScalarType type) {
    return changed(inputs, [type](const at::Tensor& x) { return x.to(type); });
}

LayerInputs only(const LayerInputs& inputs, int64_t index) {
    // All of n may share the token weights.
    return changed(
        inputs, [index](const at::Tensor& x) { return x.size(0) == 1 ? x : x.slice(0, index, index + 1); });
}

LayerInputs with_spread_queries(const LayerInputs& inputs, int64_t count) {
    const int64_t all = inputs.q.size(1);
    if (all <= count) {
        return inputs;
    }
    const at::Tensor chosen =
        (at::arange(count, inputs.q.options().dtype(at::kLong)) * all / count).to(at::kLong);
    LayerInputs some = inputs;
    some.q = inputs.q.index_select(1, chosen);
    some.o = inputs.o.index_select(1, chosen);
    return some;
}

LayerInputs with_queries(const LayerInputs& inputs, const at::Tensor& q) {
    LayerInputs result = inputs;
    result.q = q;
    result.o = at::Tensor();
    return result;
}

at::Tensor token_weights(const at::Tensor& view_weights, int64_t tokens_per_view) {
    return view_weights.repeat_interleave(tokens_per_view).reshape({1, -1, 1});
}

namespace {

int64_t patches_of_view(const Network& network, const at::Tensor& images) {
    const int64_t patch = network.config().patch;
    return (images.size(3) / patch) * (images.size(4) / patch);
}

LayerInputs inputs_of(const Network& network, int layer, const BlockRecord& record, int64_t tokens_per_view) {
    return {network.initial_fast_weights(layer), record.update, record.q, record.o, tokens_per_view};
}

/// Runs blocks 0 … layer - 1 on x; `state` is only read.
Result<at::Tensor> read_up_to(const Network& network, const UpdateRule& rule, const SceneState& state,
                              at::Tensor x, int64_t tokens_per_view, int layer, const Job& job) {
    for (int i = 0; i < layer; ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        job.progress("recording a layer", static_cast<double>(i) / (layer + 1));
        const auto index = static_cast<std::size_t>(i);
        FastWeights fast = state[index];
        x = network.block(index, x, {&rule, tokens_per_view, 0, false}, fast);
    }
    return x;
}

}  // namespace

Result<void> walk_layers(const Network& network, const UpdateRule& rule, const at::Tensor& posed,
                         const at::Tensor& pose, const Job& job, const LayerVisitor& visit) {
    const at::Tensor inputs = network.embed(posed);
    const int64_t tokens_per_view = patches_of_view(network, posed);
    at::Tensor x = at::cat({inputs, network.embed_targets(pose)}, 1);
    for (int i = 0; i < network.config().layers; ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        job.progress("checking layers", static_cast<double>(i) / network.config().layers);
        FastWeights fast;
        BlockRecord record;
        x = network.block(static_cast<std::size_t>(i), x, {&rule, tokens_per_view, inputs.size(1), false},
                          fast, &record);
        visit(i, inputs_of(network, i, record, tokens_per_view));
    }
    return {};
}

Result<LayerInputs> record_layer(const Network& network, const UpdateRule& rule, const SceneState& state,
                                 const at::Tensor& posed, int layer, const Job& job) {
    const int64_t tokens_per_view = patches_of_view(network, posed);
    LACT_TRY(const at::Tensor x,
             read_up_to(network, rule, state, network.embed(posed), tokens_per_view, layer, job));
    FastWeights fast;
    BlockRecord record;
    // Only the record of the block is needed, not its output tokens.
    static_cast<void>(network.block(static_cast<std::size_t>(layer), x,
                                    {&rule, tokens_per_view, x.size(1), false}, fast, &record));
    return inputs_of(network, layer, record, tokens_per_view);
}

Result<LayerRead> record_read(const Network& network, const UpdateRule& rule, const SceneState& state,
                              const at::Tensor& pose, int layer, const Job& job) {
    const int64_t tokens_per_view = patches_of_view(network, pose);
    LACT_TRY(const at::Tensor x,
             read_up_to(network, rule, state, network.embed_targets(pose), tokens_per_view, layer, job));
    const auto index = static_cast<std::size_t>(layer);
    FastWeights fast = state[index];
    BlockRecord record;
    static_cast<void>(network.block(index, x, {&rule, tokens_per_view, 0, false}, fast, &record));
    return LayerRead{record.q, record.o};
}

}  // namespace lact
