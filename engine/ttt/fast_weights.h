#pragma once

#include "engine/ttt/ns_coefficients.h"
#include "engine/ttt/update_rule.h"

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

/// What one update reads: keys and values of the input tokens and the rate of each token for each matrix.
struct UpdateTokens {
    at::Tensor k;    ///< [n, tokens, d_in], silu'd and L2-normalised
    at::Tensor v;    ///< [n, tokens, d_out], silu'd
    at::Tensor lr0;  ///< [n, tokens, 1], after softplus; not read where the rule has no per-token rate
    at::Tensor lr1;
    at::Tensor lr2;
    at::Tensor weight{};  ///< [n or 1, tokens, 1] how much each token counts in the gradients; undefined: 1.
};

/// phi(x) of the rule's kernel: [n, tokens, d_h] (for the identity x itself).
[[nodiscard]] at::Tensor feature_map(Kernel kernel, const FastWeights& weights, const at::Tensor& x);

/// f(x) = phi(x) W1: [n, tokens, d_out]. Reading the memory is f(q).
[[nodiscard]] at::Tensor apply_fast_weights(Kernel kernel, const FastWeights& weights, const at::Tensor& x);

/// The closed-form gradient step of the inner loss before M: G_i with `w_i + M(G_i)` for descent, already
/// scaled by the rates (arXiv 2505.23884, section 3; the ablations of arXiv 2602.21204). W0's and W2's are
/// undefined where the rule does not update them. The sign of ascent is not in G: the update subtracts.
[[nodiscard]] FastWeights inner_gradient(const UpdateRule& rule, const FastWeights& weights,
                                         const UpdateTokens& tokens);

/// M(G) of each matrix that is there (the identity where the rule does not orthogonalise).
[[nodiscard]] FastWeights orthogonalized(const UpdateRule& rule, const FastWeights& gradient);

/// The same with Newton-Schulz coefficients of the caller's choice, one entry a step, in place of the rule's.
[[nodiscard]] FastWeights orthogonalized(const UpdateRule& rule, const FastWeights& gradient,
                                         std::span<const NsCoefficients> coefficients);

/// `weights` + M(G), or minus it for ascent; what `change` has not stays as it is.
[[nodiscard]] FastWeights apply_update(const UpdateRule& rule, const FastWeights& weights,
                                       const FastWeights& change);

/// The weight norm, where the rule has one: columns of the matrices that the rule updates are set to the
/// norms that they have in `reference`.
[[nodiscard]] FastWeights renormalize_columns(const UpdateRule& rule, const FastWeights& weights,
                                              const FastWeights& reference);

/// All inner steps of the rule on the same tokens. The weight norm sets columns back to the norms of
/// `initial`. Matrices that the rule does not touch are returned as they are. `states`, if given, receives
/// the weights before the first step and after each: inner_steps + 1 entries.
[[nodiscard]] FastWeights update_fast_weights(const UpdateRule& rule, const FastWeights& initial,
                                              const UpdateTokens& tokens,
                                              std::vector<FastWeights>* states = nullptr);

/// -<f(k), v>: sum over channels, mean over tokens, one number for each of n.
[[nodiscard]] at::Tensor inner_dot_loss(Kernel kernel, const FastWeights& weights,
                                        const UpdateTokens& tokens);

}  // namespace lact
