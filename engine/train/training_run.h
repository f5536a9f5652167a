#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/train/batch_loader.h"
#include "engine/train/data_parallel.h"
#include "engine/train/optimizer.h"
#include "engine/train/run_evaluator.h"
#include "engine/train/run_folder.h"
#include "engine/train/sample_order.h"
#include "engine/train/trainable_network.h"
#include "engine/train/trained_weights.h"
#include "engine/train/trainer.h"
#include "engine/train/training_state.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include <ATen/ATen.h>

namespace lact {

/// Where the error of a run that diverged says that it is.
inline constexpr const char* divergence_place = "training diverged";

/// One run of train(): its parts and its loop. It passes on exceptions of Torch.
class TrainingRun {
  public:
    /// Checks the request and makes or restores the state of the run. Errors: those of train().
    [[nodiscard]] static Result<std::unique_ptr<TrainingRun>> prepare(const TrainRequest& request,
                                                                      const TrainEvents& events,
                                                                      const Job& job);
    /// Trains until the last step or until the job is stopped.
    [[nodiscard]] Result<TrainSummary> run();
    /// Writes to run.json that the run ended with an error.
    void record_failure(const Error& error);

  private:
    using Clock = std::chrono::steady_clock;

    TrainingRun(TrainRequest request, TrainEvents events, Job job, TrainConfig config, RunFolder folder,
                at::Device device);

    [[nodiscard]] Result<void> begin();                             ///< Fresh parameters, or those of --init.
    [[nodiscard]] Result<void> resume(const TrainingState& state);  ///< Restores a checkpoint.
    [[nodiscard]] const DataParallel& workers_for(const Batch& batch);
    [[nodiscard]] Result<void> step(BatchLoader& loader);
    void account(const Batch& batch, double mse, const OptimizerStep& done, double rate, double seconds);
    [[nodiscard]] Result<void> evaluate();
    [[nodiscard]] Result<void> evaluate_or_warn();  ///< Error: the job was stopped.
    [[nodiscard]] Result<void> write_checkpoint_now();
    void checkpoint_or_warn();
    [[nodiscard]] bool evaluation_is_due() const;
    [[nodiscard]] Result<void> after_step();  ///< Writes what is due: rows, evaluation, checkpoint.
    [[nodiscard]] Checkpoint weights() const;
    void write_status(const char* state, const std::string& error = {});
    [[nodiscard]] at::ScalarType type() const;

    TrainRequest request_;
    TrainEvents events_;
    Job job_;
    TrainConfig config_;
    SampleOrder order_;
    RunFolder folder_;
    at::Device device_;
    RunEvaluator evaluator_;
    WeightsOrigin origin_;
    TrainingProgress progress_;
    std::unique_ptr<TrainableNetwork> network_;
    std::unique_ptr<Optimizer> optimizer_;
    std::unique_ptr<WorkerGroups> workers_;  ///< Of the stage; null before the first step.
    std::size_t stage_of_workers_ = 0;

    StepEvent last_;
    std::optional<EvaluationEvent> last_evaluation_;
    long long skipped_in_a_row_ = 0;
    double seconds_per_scene_ = 0;    ///< Smoothed; 0 before the first step.
    long long checkpoint_step_ = -1;  ///< Of the newest checkpoint on disk; -1: none.
    bool warned_of_curve_ = false;
    Clock::time_point last_checkpoint_ = Clock::now();
    Clock::time_point last_status_{};
};

}  // namespace lact
