#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/model/config.h"
#include "engine/session/session.h"
#include "engine/train/train_config.h"
#include "engine/ttt/update_rule.h"

#include <string>

namespace lact {

/// What a step of training works on.
struct TrainingWorkload {
    ModelConfig model{6, 256, 64, 64, 1.0, 8, false};
    UpdateRule rule;
    int size = 64;  ///< Pixels a side of every view.
    int batch = 8;  ///< Scenes.
    int inputs = 4;
    int targets = 4;
    Precision precision = Precision::bf16;
    int threads = 0;  ///< 0: one per core.
    int steps = 20;   ///< Timed, after two that are not.
};

/// Milliseconds of one step (medians), by what it does; data is not part of it.
struct TrainingSpeed {
    double forward = 0;
    double backward = 0;
    double optimiser = 0;
    double step = 0;
    double scenes_per_second = 0;
    int threads = 0;
};

/// Trains fresh parameters on random pictures and times it. Stops between steps when asked to.
[[nodiscard]] Result<TrainingSpeed> measure_training_speed(const TrainingWorkload& work, const Job& job = {});

/// The precision in which a step of the configuration's first stage takes less time on the device ("auto",
/// "cpu", "cuda:0"): measured on the CPU, bf16 on a GPU. Sets Torch's number of threads. Errors: no such
/// device, the job was stopped.
[[nodiscard]] Result<TrainPrecision> faster_precision(const TrainConfig& config, const std::string& device,
                                                      const Job& job);

}  // namespace lact
