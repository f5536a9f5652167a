#include "engine/linear/layer_method.h"

#include "engine/linear/form.h"

namespace lact {
namespace {

at::Tensor widened(const at::Tensor& x) {
    return x.defined() && x.scalar_type() == at::kBFloat16 ? x.to(at::kFloat) : x;
}

FastWeights update_by_form(const UpdateRule& rule, const FastWeights& initial, const UpdateTokens& tokens) {
    LayerInputs inputs;
    inputs.initial = initial;
    inputs.tokens = {widened(tokens.k), widened(tokens.v), tokens.lr0, tokens.lr1, tokens.lr2, tokens.weight};
    const LinearForm form = linear_form_of(rule, inputs);
    return {form.updated.w0, state_matrix(form), form.updated.w2};
}

at::Tensor read_by_form(Kernel kernel, const FastWeights& state, const at::Tensor& q) {
    return at::matmul(form_features(kernel, state, widened(q)), state.w1).to(q.scalar_type());
}

}  // namespace

LayerMethod linear_method() {
    return {update_by_form, read_by_form};
}

LayerMethod unchanged_method() {
    return {[](const UpdateRule&, const FastWeights& initial, const UpdateTokens&) { return initial; }, {}};
}

LayerMethod fixed_features_method() {
    return {[](const UpdateRule& rule, const FastWeights& initial, const UpdateTokens& tokens) {
                UpdateRule last = rule;
                last.updated = UpdatedMatrices::last;
                return update_fast_weights(last, initial, tokens);
            },
            {}};
}

}  // namespace lact
