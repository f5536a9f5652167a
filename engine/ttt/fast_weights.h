#pragma once

#include "engine/ttt/muon.h"
#include "engine/ttt/update_rule.h"

#include <functional>
#include <span>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// The fast weights of one TTT layer, one matrix set for each of n = batch x heads (index batch * heads +
/// head): f(x) = phi(x) W1 with phi(x) = silu(x W0) * (x W2), rows are tokens.
struct FastWeights {
    at::Tensor w0;  ///< [n, d_in, d_h]
    at::Tensor w1;  ///< [n, d_h, d_out]
    at::Tensor w2;  ///< [n, d_in, d_h]
};

/// Inputs of one update: keys and values of the input tokens, and the rate of each token for each matrix.
struct UpdateTokens {
    at::Tensor k;         ///< [n, tokens, d_in] after silu and L2 normalisation.
    at::Tensor v;         ///< [n, tokens, d_out] after silu.
    at::Tensor lr0;       ///< [n, tokens, 1] rate of W0 after softplus; not read without per-token rates.
    at::Tensor lr1;       ///< [n, tokens, 1] rate of W1.
    at::Tensor lr2;       ///< [n, tokens, 1] rate of W2.
    at::Tensor weight{};  ///< [n or 1, tokens, 1] coefficient of each token in the gradients; undefined: 1.
};

/// phi(x) [n, tokens, d_h] of x [n, tokens, d_in]; x itself for the identity kernel.
[[nodiscard]] at::Tensor feature_map(Kernel kernel, const FastWeights& weights, const at::Tensor& x);

/// f(x) = phi(x) W1 [n, tokens, d_out]. Reading the memory is f(q).
[[nodiscard]] at::Tensor apply_fast_weights(Kernel kernel, const FastWeights& weights, const at::Tensor& x);

/// The closed-form gradient step G_i of the inner loss before M, scaled by the rates: descent sets
/// w_i + M(G_i) (arXiv 2505.23884, section 3; the ablations of arXiv 2602.21204). w0 and w2 are undefined
/// where the rule leaves them unchanged. G has no sign of ascent: apply_update() subtracts.
[[nodiscard]] FastWeights inner_gradient(const UpdateRule& rule, const FastWeights& weights,
                                         const UpdateTokens& tokens);

/// M(G) of each defined matrix; G itself where the rule does not orthogonalise.
[[nodiscard]] FastWeights orthogonalized(const UpdateRule& rule, const FastWeights& gradient);

/// The same with the given Newton-Schulz coefficients, one entry for each step, in place of the rule's.
[[nodiscard]] FastWeights orthogonalized(const UpdateRule& rule, const FastWeights& gradient,
                                         std::span<const NsCoefficients> coefficients);

/// `weights` + `change`, or minus it for ascent. Matrices that are undefined in `change` stay unchanged.
[[nodiscard]] FastWeights apply_update(const UpdateRule& rule, const FastWeights& weights,
                                       const FastWeights& change);

/// The weight norm: scales the columns of the updated matrices to their L2 norms in `reference`. Returns
/// `weights` where the rule has no weight norm.
[[nodiscard]] FastWeights renormalize_columns(const UpdateRule& rule, const FastWeights& weights,
                                              const FastWeights& reference);

/// All inner steps of the rule on the same tokens. The weight norm refers to `initial`. Matrices that the
/// rule leaves unchanged are returned as they are. `states`, if given, receives the weights before the first
/// step and after each step: inner_steps + 1 entries.
[[nodiscard]] FastWeights update_fast_weights(const UpdateRule& rule, const FastWeights& initial,
                                              const UpdateTokens& tokens,
                                              std::vector<FastWeights>* states = nullptr);

/// The gradient before M at given weights: inner_gradient() of tokens that are not kept.
using GradientFunction = std::function<FastWeights(const FastWeights& weights)>;
/// The same with the gradient of each step from a function.
[[nodiscard]] FastWeights update_fast_weights(const UpdateRule& rule, const FastWeights& initial,
                                              const GradientFunction& gradient,
                                              std::vector<FastWeights>* states = nullptr);

/// -<f(k), v> [n]: sum over channels, mean over tokens.
[[nodiscard]] at::Tensor inner_dot_loss(Kernel kernel, const FastWeights& weights,
                                        const UpdateTokens& tokens);

}  // namespace lact
