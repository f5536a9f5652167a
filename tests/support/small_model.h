#pragma once

#include "engine/model/checkpoint.h"

namespace lact::test {

/// Two blocks of width 32 with attention heads of 8, two TTT heads of 16 with 24 hidden channels, patch 4:
/// every size differs from its neighbours.
[[nodiscard]] ModelConfig small_config();

/// Seeded random fp32 tensors of that configuration.
[[nodiscard]] TensorFile random_weights(const ModelConfig& config);

}  // namespace lact::test
