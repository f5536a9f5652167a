#pragma once

#include "engine/model/network.h"

namespace lact {

/// A TTT layer computed by its linear-attention form alone: the state S and the features phi_{t+1} come from
/// linear_form_of(), the read-out is phi_{t+1}(q) S. Keys, values and queries of a bf16 network are widened
/// to fp32 first.
[[nodiscard]] LayerMethod linear_method();

/// No update: the initial fast weights are read.
[[nodiscard]] LayerMethod unchanged_method();

/// Of the update, only W1 is kept: W0 and W2, and so phi, stay the initial ones in every inner step.
[[nodiscard]] LayerMethod fixed_features_method();

}  // namespace lact
