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

/// Provenance of a weight file beside configuration and progress.
struct WeightsOrigin {
    std::string device;
    int generator_version = 0;
    std::optional<double> train_radius;  ///< Mean camera distance of the training scenes.
};

/// Averaged parameters as a bf16 weight file with metadata. ARCHITECTURE.md lists the fields.
[[nodiscard]] Checkpoint trained_weights(const TrainConfig& config, const TrainingProgress& progress,
                                         const WeightsOrigin& origin,
                                         const std::map<std::string, at::Tensor>& parameters);

}  // namespace lact
