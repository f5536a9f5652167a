#pragma once

#include "engine/ttt/fast_weights.h"
#include "engine/ttt/update_rule.h"

#include <ATen/ATen.h>

namespace lact::training {

/// newton_schulz() of engine/ttt with a backward in closed form: the steps are made again from G, so G alone
/// is kept. For X' = a X + B X, B = b A + c A^2, A = X X^T and the incoming g:
/// M = (g X^T + X g^T) / 2, S = b M + c (A M + M A), g <- a g + B g + 2 S X; at the end the projection of the
/// division by the norm. G [n, rows, columns] in fp32 or fp64; the result has its type.
[[nodiscard]] at::Tensor newton_schulz(const at::Tensor& g, int steps, NsPrecision precision);

/// inner_gradient() of engine/ttt with a backward in closed form (the second derivative of the inner loss):
/// keys, values and rates are kept, all else is computed again. All tokens count alike (`weight` is not
/// read).
[[nodiscard]] FastWeights inner_gradient(const UpdateRule& rule, const FastWeights& weights,
                                         const UpdateTokens& tokens);

/// update_fast_weights() of engine/ttt, differentiable in the initial weights, keys, values and rates. The
/// reference norms of the weight norm are constants, as in the LaCT release.
[[nodiscard]] FastWeights update_fast_weights(const UpdateRule& rule, const FastWeights& initial,
                                              const UpdateTokens& tokens);

/// apply_fast_weights() of engine/ttt, differentiable: [n, tokens, d_out].
[[nodiscard]] at::Tensor apply_fast_weights(Kernel kernel, const FastWeights& weights, const at::Tensor& x);

}  // namespace lact::training
