#pragma once

#include "engine/core/error.h"
#include "engine/train/train_config.h"

#include <filesystem>
#include <map>
#include <string>

#include <ATen/ATen.h>

namespace lact {

/// How far a run is, beside its tensors.
struct TrainingProgress {
    long long step = 0;           ///< Steps done; the next batch is that of this step.
    long long skipped = 0;        ///< Of them, with a gradient that was not finite.
    double seconds = 0;           ///< Spent on steps (not on evaluations), over all parts of the run.
    double smoothed_mse = 0;      ///< Of training, for display; 0 before the first step.
    std::string parent;           ///< SHA-256 of the weights the run began with; empty: fresh parameters.
    std::string revision;         ///< Of the program that wrote the file.
    long long scenes_before = 0;  ///< Seen by the weights the run began with, as far as they say.
    double hours_before = 0;      ///< Spent on those.
};

/// All that a run needs to go on bit for bit.
struct TrainingState {
    TrainConfig config;
    TrainingProgress progress;
    std::map<std::string, at::Tensor> parameters;  ///< fp32 masters by their name in weight files.
    std::map<std::string, at::Tensor> optimizer;   ///< Optimizer::state(), the averages among it.
};

/// Writes the state as one safetensors file: to another name, flushed to the disk, renamed. When that fails
/// (disk full) an older file of that name stays whole.
[[nodiscard]] Result<void> write_training_state(const std::filesystem::path& path,
                                                const TrainingState& state);

/// Errors: no such file; not the checkpoint of a training run; a broken configuration in it.
[[nodiscard]] Result<TrainingState> read_training_state(const std::filesystem::path& path);

}  // namespace lact
