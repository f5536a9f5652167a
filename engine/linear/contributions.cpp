#include "engine/linear/contributions.h"

namespace lact {

FastWeights state_with_view_weights(const UpdateRule& rule, const LayerInputs& inputs,
                                    const at::Tensor& view_weights) {
    LayerInputs weighted = inputs;
    weighted.tokens.weight =
        token_weights(view_weights.to(inputs.tokens.k.options()), inputs.tokens_per_view);
    return twin_of(rule, weighted).updated;
}

FastWeights state_after_views(const UpdateRule& rule, const LayerInputs& inputs, int64_t count) {
    at::Tensor weights = at::zeros({inputs.views()}, inputs.tokens.k.options());
    weights.slice(0, 0, count).fill_(1);
    return state_with_view_weights(rule, inputs, weights);
}

FastWeights state_from_gradients(const UpdateRule& rule, const FastWeights& initial, const at::Tensor& g0,
                                 const at::Tensor& g1, const at::Tensor& g2) {
    const auto moved = [&](const at::Tensor& w, const at::Tensor& g) {
        if (!g.defined()) {
            return w;
        }
        const at::Tensor changed = w + orthogonalized_by(muon_factor(rule, g), g);
        return rule.weight_norm ? changed / (changed.norm(2, {1}, true) + 1e-5) * w.norm(2, {1}, true)
                                : changed;
    };
    return {moved(initial.w0, g0), moved(initial.w1, g1), moved(initial.w2, g2)};
}

}  // namespace lact
