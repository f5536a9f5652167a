#pragma once

#include "engine/core/job.h"

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace lact::app {

/// Where progress goes, and its capabilities.
struct ProgressOutput {
    bool terminal = false;  ///< Redraws one line; otherwise prints a line now and then, as in a log.
    std::function<int()> columns = [] { return 80; };  ///< Current width of the terminal.
    std::function<void(std::string_view)> print;
    std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

/// stderr; a terminal where it understands control sequences.
[[nodiscard]] ProgressOutput standard_error();

/// Shows the progress of a job: stage, bar, percentage and an estimate of the remaining time of the stage. On
/// a terminal it redraws one line, at most ten times per second. Elsewhere it prints a line when a stage
/// begins, at steps of 10 % at least two seconds apart, after thirty seconds without a line, and when a stage
/// ends. Thread-safe.
class ProgressBar {
  public:
    explicit ProgressBar(ProgressOutput output = standard_error());
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    /// Ends the line that is being redrawn.
    ~ProgressBar();

    /// `fraction` of `stage`, in [0, 1], is done; a new name begins a new stage.
    void update(std::string_view stage, double fraction);
    /// Erases the line, so that a message can be printed; the next update() draws it again.
    void clear();
    /// A job that reports here and stops with `stop`. It must not outlive this object.
    [[nodiscard]] Job job(std::stop_token stop = {});

  private:
    using Time = std::chrono::steady_clock::time_point;

    [[nodiscard]] bool due(double fraction, Time now, bool new_stage) const;
    void draw(double fraction, Time now);
    void end_line();

    ProgressOutput output_;
    std::mutex mutex_;
    std::optional<std::string> stage_;  ///< None before the first report.
    Time stage_began_;
    double began_at_ = 0;  ///< Fraction of the first report of the stage: not 0 where it resumes.
    Time last_drawn_;
    double last_fraction_ = 0;  ///< As drawn.
    bool line_open_ = false;    ///< The cursor is on the progress line.
};

}  // namespace lact::app
