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

/// Where progress is shown, and how that place behaves.
struct ProgressOutput {
    bool terminal = false;  ///< One line that is redrawn; otherwise now and then a line, as in a log.
    std::function<int()> columns = [] { return 80; };  ///< Width of the terminal right now.
    std::function<void(std::string_view)> print;
    std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

/// stderr: a terminal when it is one that understands control sequences. stdout stays free for results.
[[nodiscard]] ProgressOutput standard_error();

/// Shows how far a long job is: stage, bar, percent and the time left for that stage, guessed from its time
/// so far. On a terminal one line is redrawn, at most ten times a second. Elsewhere a line is printed when a
/// stage begins, at steps of 10 % that are at least two seconds apart, after thirty seconds without a line,
/// and when a stage ends. May be called from any thread.
class ProgressBar {
  public:
    explicit ProgressBar(ProgressOutput output = standard_error());
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    /// Ends a line that is being redrawn, so that what follows begins on a fresh one.
    ~ProgressBar();

    /// `fraction` of `stage` is done, in [0, 1]; a new name begins a new stage.
    void update(std::string_view stage, double fraction);
    /// Takes the redrawn line away, so that another message can be printed; the next update() draws it again.
    void clear();
    /// A job that reports here and listens to `stop`. It must not outlive this object.
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
    Time last_drawn_;
    double last_fraction_ = 0;  ///< As drawn.
    bool line_open_ = false;    ///< The cursor is on a line of ours that does not end yet.
};

}  // namespace lact::app
