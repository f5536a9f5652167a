#pragma once

#include "engine/core/error.h"
#include "engine/model/checkpoint.h"
#include "engine/train/train_config.h"
#include "engine/train/training_state.h"

#include <map>
#include <optional>
#include <string>

#include <ATen/ATen.h>

namespace lact {

/// What a weight file says of its making beside configuration and progress.
struct WeightsOrigin {
    std::string device;
    int generator_version = 0;
    std::optional<double> train_radius;  ///< Mean camera distance of the training scenes.
};

/// Averaged parameters as a weight file in bf16 that describes itself (the fields are in ARCHITECTURE.md).
[[nodiscard]] Checkpoint trained_weights(const TrainConfig& config, const TrainingProgress& progress,
                                         const WeightsOrigin& origin,
                                         const std::map<std::string, at::Tensor>& parameters);

}  // namespace lact
