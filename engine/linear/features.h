#pragma once

#include "engine/ttt/fast_weights.h"
#include "engine/ttt/update_rule.h"

#include <functional>

#include <ATen/ATen.h>

namespace lact {

// The twin's own way to what the layer computes: nothing here calls the step of engine/ttt. phi and v-hat
// have the type of the inputs; products of them are fp64 (wide_product): Muon multiplies them by up to a^5 =
// 485 in directions that cancel in the sum over tokens.

/// a b, multiplied and summed in fp64.
[[nodiscard]] at::Tensor wide_product(const at::Tensor& a, const at::Tensor& b);

/// phi(x): what arXiv 2602.21204, theorem 5.1, calls q-hat and k-hat. [n, tokens, d_phi]; the identity
/// where the rule's kernel is.
[[nodiscard]] at::Tensor form_features(Kernel kernel, const FastWeights& weights, const at::Tensor& x);

/// g(k) = -eta dL/df of theorem 5.1, with the sign of the rule's direction: the values v-hat, [n, tokens,
/// d_out]. v for the dot-product loss, v - f(k) for MSE, times rate and weight of the token.
[[nodiscard]] at::Tensor form_values(const UpdateRule& rule, const FastWeights& weights,
                                     const UpdateTokens& tokens, const at::Tensor& phi_k);

/// What W0 and W2 are changed by before M, with the sign of the rule's direction: fp64 [n, d_in, d_h] each.
struct FeatureGradient {
    at::Tensor g0;
    at::Tensor g2;
};
using FeatureGradientOf =
    std::function<FeatureGradient(const UpdateRule&, const FastWeights&, const UpdateTokens&)>;

/// By the chain rule through phi with Torch's derivative of silu; tests put automatic differentiation of
/// the whole inner loss in its place.
[[nodiscard]] FeatureGradient chain_rule_gradient(const UpdateRule& rule, const FastWeights& weights,
                                                  const UpdateTokens& tokens);

/// The summands of chain_rule_gradient() and of phi(k)^T v-hat, one for each input view: G0, G1 and G2 are
/// plain sums over tokens at one state. fp64 [views, n, ..] each; g0 and g2 undefined where they do not
/// change.
struct ViewGradients {
    at::Tensor g0;
    at::Tensor g1;
    at::Tensor g2;
};
[[nodiscard]] ViewGradients view_gradients(const UpdateRule& rule, const FastWeights& weights,
                                           const UpdateTokens& tokens, int64_t tokens_per_view);

}  // namespace lact
