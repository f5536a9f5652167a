#include "engine/linear/features.h"

namespace lact {
namespace {

/// Gradient of every token with respect to the two products inside phi(k), with the sign of descent.
struct HiddenGradient {
    at::Tensor gate;    ///< [n, tokens, d_h] with respect to k W0.
    at::Tensor linear;  ///< [n, tokens, d_h] with respect to k W2.
};

HiddenGradient hidden_gradient(const UpdateRule& rule, const FastWeights& weights,
                               const UpdateTokens& tokens) {
    const at::Tensor gate = at::matmul(tokens.k, weights.w0);
    const at::Tensor linear = at::matmul(tokens.k, weights.w2);
    const at::Tensor opened = at::silu(gate);
    const at::Tensor residual =
        rule.loss == InnerLoss::mse ? tokens.v - at::matmul(opened * linear, weights.w1) : tokens.v;
    const at::Tensor on_phi = at::matmul(residual, weights.w1.mT());
    return {at::silu_backward(on_phi * linear, gate), on_phi * opened};
}

/// Rate times weight times sign of every token: [n, tokens, 1], or [1, 1, 1] without rate and weight.
at::Tensor coefficient(const UpdateRule& rule, const UpdateTokens& tokens, const at::Tensor& rate) {
    at::Tensor result = rule.per_token_rate ? rate : at::ones({1, 1, 1}, tokens.k.options());
    if (tokens.weight.defined()) {
        result = result * tokens.weight;
    }
    return rule.direction == Direction::descent ? result : -result;
}

at::Tensor outer_sum(const at::Tensor& a, const at::Tensor& b) {
    return wide_product(a.mT(), b);
}

/// Sum of a^T b over the tokens of each view: [views, n, channels of a, channels of b].
at::Tensor outer_sum_of_views(const at::Tensor& a, const at::Tensor& b, int64_t tokens_per_view) {
    const auto split = [&](const at::Tensor& x) {
        return x.unflatten(1, {x.size(1) / tokens_per_view, tokens_per_view});
    };
    return wide_product(split(a).mT(), split(b)).transpose(0, 1);
}

bool moves_features(const UpdateRule& rule) {
    return rule.kernel == Kernel::swiglu && rule.updated == UpdatedMatrices::all;
}

}  // namespace

at::Tensor wide_product(const at::Tensor& a, const at::Tensor& b) {
    return at::matmul(a.to(at::kDouble), b.to(at::kDouble));
}

at::Tensor form_features(Kernel kernel, const FastWeights& weights, const at::Tensor& x) {
    if (kernel == Kernel::identity) {
        return x;
    }
    const at::Tensor gate = at::matmul(x, weights.w0);
    return gate * at::sigmoid(gate) * at::matmul(x, weights.w2);
}

at::Tensor form_values(const UpdateRule& rule, const FastWeights& weights, const UpdateTokens& tokens,
                       const at::Tensor& phi_k) {
    const at::Tensor residual =
        rule.loss == InnerLoss::mse ? tokens.v - at::matmul(phi_k, weights.w1) : tokens.v;
    if (!rule.per_token_rate && !tokens.weight.defined() && rule.direction == Direction::descent) {
        return residual;  // The coefficient is 1.
    }
    return residual * coefficient(rule, tokens, tokens.lr1);
}

FeatureGradient chain_rule_gradient(const UpdateRule& rule, const FastWeights& weights,
                                    const UpdateTokens& tokens) {
    const HiddenGradient hidden = hidden_gradient(rule, weights, tokens);
    return {outer_sum(tokens.k, hidden.gate * coefficient(rule, tokens, tokens.lr0)),
            outer_sum(tokens.k, hidden.linear * coefficient(rule, tokens, tokens.lr2))};
}

ViewGradients view_gradients(const UpdateRule& rule, const FastWeights& weights, const UpdateTokens& tokens,
                             int64_t tokens_per_view) {
    const at::Tensor phi_k = form_features(rule.kernel, weights, tokens.k);
    ViewGradients result;
    result.g1 = outer_sum_of_views(phi_k, form_values(rule, weights, tokens, phi_k), tokens_per_view);
    if (moves_features(rule)) {
        const HiddenGradient hidden = hidden_gradient(rule, weights, tokens);
        result.g0 = outer_sum_of_views(tokens.k, hidden.gate * coefficient(rule, tokens, tokens.lr0),
                                       tokens_per_view);
        result.g2 = outer_sum_of_views(tokens.k, hidden.linear * coefficient(rule, tokens, tokens.lr2),
                                       tokens_per_view);
    }
    return result;
}

}  // namespace lact
