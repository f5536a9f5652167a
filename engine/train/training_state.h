#pragma once

#include "engine/core/error.h"
#include "engine/train/train_config.h"

#include <filesystem>
#include <map>
#include <string>

#include <ATen/ATen.h>

namespace lact {

/// The largest count and the largest amount of TrainingProgress that a checkpoint is read with.
inline constexpr long long most_training_count = 1'000'000'000'000'000;
inline constexpr double most_training_amount = 1e12;

/// Progress of a run, without its tensors.
struct TrainingProgress {
    long long step = 0;           ///< Completed steps; the next batch is that of this step.
    long long skipped = 0;        ///< Skipped steps among them: the gradient was not finite.
    double seconds = 0;           ///< Of training steps without evaluations, over all sessions of the run.
    double smoothed_mse = 0;      ///< Training error for display; 0 before the first step.
    std::string parent;           ///< SHA-256 of the initial weights; empty: fresh parameters.
    std::string revision;         ///< Of the program that wrote the file.
    long long scenes_before = 0;  ///< Scenes seen by the initial weights, from their metadata.
    double hours_before = 0;      ///< Training hours of the initial weights.
};

/// The state that resumes a run bit for bit.
struct TrainingState {
    TrainConfig config;
    TrainingProgress progress;
    std::map<std::string, at::Tensor> parameters;  ///< fp32 master copies by their name in weight files.
    std::map<std::string, at::Tensor> optimizer;   ///< Optimizer::state(), including the averages.
};

/// Writes the state atomically as one safetensors file: under a temporary name, flushed to disk, then
/// renamed. On an error the previous file stays intact. Errors: the file cannot be written.
[[nodiscard]] Result<void> write_training_state(const std::filesystem::path& path,
                                                const TrainingState& state);

/// Reads a state. Errors: no such file; not a checkpoint of a training run; an invalid configuration in it;
/// families that have changed since.
[[nodiscard]] Result<TrainingState> read_training_state(const std::filesystem::path& path);

}  // namespace lact
