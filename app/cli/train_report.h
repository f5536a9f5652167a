#pragma once

#include "engine/core/job.h"
#include "engine/train/train_events.h"
#include "engine/train/trainer.h"

#include <chrono>
#include <filesystem>

namespace lact::app {

/// Tells a person (lines on stderr) or a program (JSON lines on stdout) how training goes, and writes the
/// contact sheets of evaluations into the run's folder.
class TrainReport {
  public:
    TrainReport(std::filesystem::path folder, bool json, const Job& job);

    /// To be given to train(); this object must outlive the run.
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
