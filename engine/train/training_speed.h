#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/model/config.h"
#include "engine/session/session.h"
#include "engine/train/train_config.h"
#include "engine/ttt/update_rule.h"

#include <string>

namespace lact {

/// Workload of a measured training step.
struct TrainingWorkload {
    ModelConfig model{6, 256, 64, 64, 1.0, 8, false};
    UpdateRule rule;
    int size = 64;  ///< Width and height of every view in pixels.
    int batch = 8;  ///< Scenes.
    int inputs = 4;
    int targets = 4;
    Precision precision = Precision::bf16;
    int threads = 0;  ///< 0: one for each core.
    int workers = 0;  ///< Parts of the batch at the same time; 0: one for each thread.
    int steps = 20;   ///< Timed steps, after two warm-up steps.
};

/// Medians of the times of one step and of its parts in milliseconds, without data loading. Forward and
/// backward are those of the slowest worker.
struct TrainingSpeed {
    double forward = 0;
    double backward = 0;
    double optimiser = 0;
    double step = 0;
    double scenes_per_second = 0;
    int threads = 0;
    int workers = 0;
};

/// Times the training of fresh parameters on random images on the CPU. Errors: sizes below 1 or not a
/// multiple of the patch; the job was stopped, which is checked between steps.
[[nodiscard]] Result<TrainingSpeed> measure_training_speed(const TrainingWorkload& work, const Job& job = {});

/// The precision in which a step of the first stage is faster on the device ("auto", "cpu", "cuda:0"):
/// measured on the CPU, bf16 on a GPU. Sets the number of threads of Torch. Errors: no such device; the job
/// was stopped.
[[nodiscard]] Result<TrainPrecision> faster_precision(const TrainConfig& config, const std::string& device,
                                                      const Job& job);

/// Makes the C library keep freed memory for the next training step. Otherwise every step pays for its pages
/// again. Acts on the whole process; does nothing without glibc.
void keep_freed_memory();

}  // namespace lact
