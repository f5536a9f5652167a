#pragma once

#include "engine/linear/layer_inputs.h"
#include "engine/linear/twin.h"

#include <ATen/ATen.h>

namespace lact {

// What single input views do to one layer's state at frozen features: the layer's inputs stay those of the
// set-up with all views, so this is exact for the first layer only; deeper ones would be given other tokens.

/// The layer's weights after the update, each view's tokens counted `view_weights` [views] times in every
/// gradient (0: left out, 1: as it is). Muon and the weight norm act after the sum (theorem 5.2 with a
/// coefficient for each summand).
[[nodiscard]] FastWeights state_with_view_weights(const UpdateRule& rule, const LayerInputs& inputs,
                                                  const at::Tensor& view_weights);

/// The same with the first `count` views alone.
[[nodiscard]] FastWeights state_after_views(const UpdateRule& rule, const LayerInputs& inputs, int64_t count);

/// One inner step from sums of gradients (of any choice of views, of view_gradients()): M, then the weight
/// norm. g0 and g2 may be undefined.
[[nodiscard]] FastWeights state_from_gradients(const UpdateRule& rule, const FastWeights& initial,
                                               const at::Tensor& g0, const at::Tensor& g1,
                                               const at::Tensor& g2);

}  // namespace lact
