#pragma once

#include "engine/train/train_config.h"

namespace lact {

/// The learning rate of a step in [0, config.steps()): that of its stage, falling over the stage's last part
/// by its decay, times (step + 1) / warm_up_steps in the run's first steps.
[[nodiscard]] double learning_rate(const TrainConfig& config, long long step);

}  // namespace lact
