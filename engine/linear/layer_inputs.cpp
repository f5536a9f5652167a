#include "engine/linear/layer_inputs.h"

#include <algorithm>
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

/// Calls use(first, part) for each tile of the tokens x [1, n, d].
template <class Use>
void for_each_tile(const at::Tensor& x, int64_t tile, const Use& use) {
    for (int64_t first = 0; first < x.size(1); first += tile) {
        use(first, x.slice(1, first, std::min(first + tile, x.size(1))));
    }
}

/// Runs block `layer` on x, in place and tile by tile; `state` is only read.
void read_block(const Network& network, const UpdateRule& rule, const SceneState& state, const at::Tensor& x,
                int64_t tokens_per_view, int layer, int64_t tile) {
    const auto index = static_cast<std::size_t>(layer);
    FastWeights fast = state[index];
    for_each_tile(x, tile, [&](int64_t, const at::Tensor& part) {
        part.copy_(network.block(index, part, {&rule, tokens_per_view, 0, false}, fast));
    });
}

/// Runs blocks 0 … layer - 1 on x, in place and tile by tile; `state` is only read.
Result<void> read_up_to(const Network& network, const UpdateRule& rule, const SceneState& state,
                        const at::Tensor& x, int64_t tokens_per_view, int layer, int64_t tile,
                        const Job& job) {
    for (int i = 0; i < layer; ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        job.progress("recording a layer", static_cast<double>(i) / (layer + 1));
        read_block(network, rule, state, x, tokens_per_view, i, tile);
    }
    return {};
}

/// Puts the part of `tokens` tokens that begins with token `first` into `whole` [n, tokens, c].
void put(at::Tensor& whole, const at::Tensor& part, int64_t first, int64_t tokens) {
    if (part.size(1) == tokens) {
        whole = part;
        return;
    }
    if (!whole.defined()) {
        whole = at::empty({part.size(0), tokens, part.size(2)}, part.options());
    }
    whole.slice(1, first, first + part.size(1)).copy_(part);
}

/// Runs block `layer` on x [1, n, d], in place and tile by tile, and returns its record: `update`, and `q`
/// and `o` of the read of `fast`. Nothing is learned.
BlockRecord record_tokens(const Network& network, const UpdateRule& rule, int layer, const at::Tensor& x,
                          const FastWeights& fast, int64_t tokens_per_view, int64_t tile) {
    const LayerMethod learned{
        [&fast](const UpdateRule&, const FastWeights&, const UpdateTokens&) { return fast; }, {}};
    const int64_t tokens = x.size(1);
    BlockRecord all;
    for_each_tile(x, tile, [&](int64_t first, const at::Tensor& part) {
        FastWeights read;
        BlockRecord one;
        part.copy_(network.block(static_cast<std::size_t>(layer), part,
                                 {&rule, tokens_per_view, part.size(1), false, {}, &learned}, read, &one));
        for (const auto member : {&UpdateTokens::k, &UpdateTokens::v, &UpdateTokens::lr0, &UpdateTokens::lr1,
                                  &UpdateTokens::lr2}) {
            put(all.update.*member, one.update.*member, first, tokens);
        }
        put(all.q, one.q, first, tokens);
        put(all.o, one.o, first, tokens);
    });
    return all;
}

/// walk_layers() in tiles of `tile` tokens, in whole views.
Result<void> walk_in_tiles(const Network& network, const UpdateRule& rule, const at::Tensor& posed,
                           const at::Tensor& pose, const Job& job, const LayerVisitor& visit, int64_t tile) {
    const int64_t tokens_per_view = patches_of_view(network, posed);
    const at::Tensor inputs = embed_in_tiles(network, posed, tile / tokens_per_view);
    at::Tensor targets = network.embed_targets(pose);
    for (int i = 0; i < network.config().layers; ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        job.progress("checking layers", static_cast<double>(i) / network.config().layers);
        const auto index = static_cast<std::size_t>(i);
        FastWeights fast;
        {
            at::Tensor changed = inputs.clone();  // The update adds the attention to its tokens.
            network.update_in_tiles(index, changed, {&rule, tokens_per_view, inputs.size(1), true}, tile,
                                    fast);
        }
        BlockRecord record = record_tokens(network, rule, i, inputs, fast, tokens_per_view, tile);
        BlockRecord read;
        targets = network.block(index, targets, {&rule, tokens_per_view, 0, false}, fast, &read);
        record.q = at::cat({record.q, read.q}, 1);
        record.o = at::cat({record.o, read.o}, 1);
        visit(i, inputs_of(network, i, record, tokens_per_view));
    }
    return {};
}

}  // namespace

Result<void> walk_layers(const Network& network, const UpdateRule& rule, const at::Tensor& posed,
                         const at::Tensor& pose, const Job& job, const LayerVisitor& visit,
                         std::int64_t tile) {
    const int64_t tokens_per_view = patches_of_view(network, posed);
    const int64_t at_once = whole_views(tile, tokens_per_view);
    if (posed.size(1) * tokens_per_view > at_once) {
        return walk_in_tiles(network, rule, posed, pose, job, visit, at_once);
    }
    const at::Tensor inputs = network.embed(posed);
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
                                 const at::Tensor& posed, int layer, const Job& job, std::int64_t tile) {
    const int64_t tokens_per_view = patches_of_view(network, posed);
    const int64_t at_once = whole_views(tile, tokens_per_view);
    const at::Tensor x = embed_in_tiles(network, posed, at_once / tokens_per_view);
    LACT_CHECK(read_up_to(network, rule, state, x, tokens_per_view, layer, at_once, job));
    const BlockRecord record = record_tokens(network, rule, layer, x, state[static_cast<std::size_t>(layer)],
                                             tokens_per_view, at_once);
    return inputs_of(network, layer, record, tokens_per_view);
}

Result<void> record_layers(const Network& network, const UpdateRule& rule, const SceneState& state,
                           const at::Tensor& posed, const Job& job, const LayerVisitor& visit,
                           std::int64_t tile) {
    const int64_t tokens_per_view = patches_of_view(network, posed);
    const int64_t at_once = whole_views(tile, tokens_per_view);
    const at::Tensor x = embed_in_tiles(network, posed, at_once / tokens_per_view);
    for (int i = 0; i < network.config().layers; ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        const BlockRecord record =
            record_tokens(network, rule, i, x, state[static_cast<std::size_t>(i)], tokens_per_view, at_once);
        visit(i, inputs_of(network, i, record, tokens_per_view));
    }
    return {};
}

Result<LayerRead> record_read(const Network& network, const UpdateRule& rule, const SceneState& state,
                              const at::Tensor& pose, int layer, const Job& job) {
    const int64_t tokens_per_view = patches_of_view(network, pose);
    const at::Tensor x = network.embed_targets(pose);
    LACT_CHECK(read_up_to(network, rule, state, x, tokens_per_view, layer, x.size(1), job));
    const auto index = static_cast<std::size_t>(layer);
    FastWeights fast = state[index];
    BlockRecord record;
    static_cast<void>(network.block(index, x, {&rule, tokens_per_view, 0, false}, fast, &record));
    return LayerRead{record.q, record.o};
}

}  // namespace lact
