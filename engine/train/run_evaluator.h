#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/model/checkpoint.h"
#include "engine/train/evaluation_scene.h"
#include "engine/train/train_events.h"
#include "engine/train/trainer.h"

#include <filesystem>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// Measures the weights of a run on the held-out worlds of its family, and on watched scenes, with
/// `inputs` input and `targets` target views at the size that is being trained.
class RunEvaluator {
  public:
    static constexpr int inputs = 8;
    static constexpr int targets = 4;
    static constexpr std::size_t images = 24;  ///< For the contact sheet, one a world.

    RunEvaluator(const TrainConfig& config, const TrainRequest& request, at::Device device);

    /// Nothing is to be measured.
    [[nodiscard]] bool empty() const;
    /// Errors: a watched scene cannot be read; the job was stopped.
    [[nodiscard]] Result<EvaluationEvent> evaluate(const Checkpoint& weights, int size, const Job& job);

  private:
    struct Set {
        std::string name;
        std::vector<EvaluationScene> scenes;
    };
    [[nodiscard]] Result<void> load(int size, const Job& job);
    [[nodiscard]] Result<void> load_watched(int size, const Job& job);

    TrainConfig config_;
    bool held_out_;
    std::vector<std::filesystem::path> watch_;
    DrawScene draw_;
    at::Device device_;
    int size_ = 0;  ///< Of the pictures in sets_.
    std::vector<Set> sets_;
};

}  // namespace lact
