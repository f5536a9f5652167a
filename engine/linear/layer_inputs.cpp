#include "engine/linear/layer_inputs.h"

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
    // Token weights may be shared by all of n.
    return changed(
        inputs, [index](const at::Tensor& x) { return x.size(0) == 1 ? x : x.slice(0, index, index + 1); });
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

}  // namespace lact
