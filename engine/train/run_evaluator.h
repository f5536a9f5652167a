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
/// input and `targets` target views at the sizes of the current stage.
class RunEvaluator {
  public:
    static constexpr int inputs = 8;
    static constexpr int targets = 4;
    static constexpr std::size_t images = 24;  ///< Images of the contact sheet, one for each world.

    RunEvaluator(const TrainConfig& config, const TrainRequest& request, at::Device device);

    /// Whether there is nothing to evaluate.
    [[nodiscard]] bool empty() const;
    /// Evaluates at each of the `sizes` in pixels, of which there is at least one. The event has the size and
    /// images of the first; the names of scores at others end with their size. Errors: a watched scene cannot
    /// be read; the job was stopped.
    [[nodiscard]] Result<EvaluationEvent> evaluate(const Checkpoint& weights, const std::vector<int>& sizes,
                                                   const Job& job);

  private:
    struct Set {
        std::string name;
        int size = 0;
        std::vector<EvaluationScene> scenes;
    };
    [[nodiscard]] Result<void> load(const std::vector<int>& sizes, const Job& job);
    [[nodiscard]] Result<void> load_watched(int size, const Job& job);
    [[nodiscard]] std::string unused_name(const std::string& name, int size) const;

    TrainConfig config_;
    bool held_out_;
    std::vector<std::filesystem::path> watch_;
    DrawScene draw_;
    at::Device device_;
    std::vector<int> sizes_;  ///< Of the images in sets_.
    std::vector<Set> sets_;
};

}  // namespace lact
