#pragma once

#include "engine/ttt/fast_weights.h"
#include "engine/ttt/update_rule.h"

#include <functional>

#include <ATen/ATen.h>

namespace lact {

// Features and values of the linear-attention form, implemented independently of the update step in
// engine/ttt. phi and v-hat have the type of the inputs. Their products are fp64 (wide_product): Muon
// multiplies them by up to a^5 = 485 along directions that cancel in the sum over tokens.

/// a b, multiplied and summed in fp64.
[[nodiscard]] at::Tensor wide_product(const at::Tensor& a, const at::Tensor& b);

/// phi(x) [n, tokens, d_phi] of x [n, tokens, d_in]: q-hat and k-hat of arXiv 2602.21204, theorem 5.1. The
/// identity kernel returns x.
[[nodiscard]] at::Tensor form_features(Kernel kernel, const FastWeights& weights, const at::Tensor& x);

/// v-hat [n, tokens, d_out] = g(k) = -eta dL/df of theorem 5.1, with the sign of the rule's direction: v for
/// the dot-product loss, v - f(k) for MSE, times rate and weight of the token. `phi_k` [n, tokens, d_phi].
[[nodiscard]] at::Tensor form_values(const UpdateRule& rule, const FastWeights& weights,
                                     const UpdateTokens& tokens, const at::Tensor& phi_k);

/// Change of W0 and W2 before M, with the sign of the rule's direction: fp64 [n, d_in, d_h] each.
struct FeatureGradient {
    at::Tensor g0;
    at::Tensor g2;
};
using FeatureGradientOf =
    std::function<FeatureGradient(const UpdateRule&, const FastWeights&, const UpdateTokens&)>;

/// The gradient by the chain rule through phi, with Torch's derivative of silu. Tests replace it by automatic
/// differentiation of the whole inner loss.
[[nodiscard]] FeatureGradient chain_rule_gradient(const UpdateRule& rule, const FastWeights& weights,
                                                  const UpdateTokens& tokens);

/// Gradients of each input view at one state; G0, G1 and G2 are their plain sums over the views. fp64
/// [views, n, rows, columns] each; g0 and g2 are undefined where the rule leaves W0 and W2 unchanged.
struct ViewGradients {
    at::Tensor g0;
    at::Tensor g1;
    at::Tensor g2;
};
/// Splits chain_rule_gradient() and phi(k)^T v-hat into the summands of each view. Tokens are ordered by
/// view, `tokens_per_view` each.
[[nodiscard]] ViewGradients view_gradients(const UpdateRule& rule, const FastWeights& weights,
                                           const UpdateTokens& tokens, int64_t tokens_per_view);

}  // namespace lact
