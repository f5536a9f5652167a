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

/// Evaluates the weights of a run on the held-out worlds of its families and on watched scenes, with `inputs`
/// input and `targets` target views at the size of the current stage.
class RunEvaluator {
  public:
    static constexpr int inputs = 8;
    static constexpr int targets = 4;
    static constexpr std::size_t images = 24;  ///< Images of the contact sheet, one for each world.

    RunEvaluator(const TrainConfig& config, const TrainRequest& request, at::Device device);

    /// Whether there is nothing to evaluate.
    [[nodiscard]] bool empty() const;
    /// Evaluates at `size` pixels. Errors: a watched scene cannot be read; the job was stopped.
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
    int size_ = 0;  ///< Of the images in sets_.
    std::vector<Set> sets_;
};

}  // namespace lact
