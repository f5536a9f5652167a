#pragma once

#include "engine/ttt/fast_weights.h"
#include "engine/ttt/update_rule.h"

#include <ATen/ATen.h>

namespace lact::training {

/// newton_schulz() of engine/ttt with a closed-form backward pass. It saves G alone and recomputes the steps.
/// For X' = a X + B X, B = b A + c A^2, A = X X^T and the incoming g:
/// M = (g X^T + X g^T) / 2, S = b M + c (A M + M A), g <- a g + B g + 2 S X; last the derivative of the
/// division by the norm. G [n, rows, columns] is fp32 or fp64; the result has its type.
[[nodiscard]] at::Tensor newton_schulz(const at::Tensor& g, int steps, NsPrecision precision);

/// inner_gradient() of engine/ttt with a closed-form backward pass, the second derivative of the inner loss.
/// It saves keys, values and rates and recomputes the rest. `tokens.weight` is ignored.
[[nodiscard]] FastWeights inner_gradient(const UpdateRule& rule, const FastWeights& weights,
                                         const UpdateTokens& tokens);

/// update_fast_weights() of engine/ttt, differentiable in initial weights, keys, values and rates. The
/// reference norms of the weight norm are constants, as in the LaCT release.
[[nodiscard]] FastWeights update_fast_weights(const UpdateRule& rule, const FastWeights& initial,
                                              const UpdateTokens& tokens);

/// apply_fast_weights() of engine/ttt [n, tokens, d_out], differentiable.
[[nodiscard]] at::Tensor apply_fast_weights(Kernel kernel, const FastWeights& weights, const at::Tensor& x);

}  // namespace lact::training
