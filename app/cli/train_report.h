#pragma once

#include "engine/core/job.h"
#include "engine/train/train_events.h"
#include "engine/train/trainer.h"

#include <chrono>
#include <filesystem>

namespace lact::app {

/// Reports the progress of training as lines on stderr and, where requested, as JSON lines on stdout, and
/// writes contact sheets of the evaluations to the folder of the run.
class TrainReport {
  public:
    TrainReport(std::filesystem::path folder, bool json, const Job& job);

    /// For train(); this object must outlive the run.
    [[nodiscard]] TrainEvents events();
    void end(const TrainSummary& summary);

  private:
    void on_step(const StepEvent& step);
    void on_evaluation(const EvaluationEvent& evaluation);
    void on_checkpoint(long long step);
    [[nodiscard]] Result<void> write_sheet(const EvaluationEvent& evaluation) const;

    std::filesystem::path folder_;
    bool json_;
    const Job& job_;
    std::chrono::steady_clock::time_point last_line_{};
};

}  // namespace lact::app
