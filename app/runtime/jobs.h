#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace lact::app {

enum class JobState { running, done, failed, cancelled };
[[nodiscard]] std::string_view to_string(JobState state);

/// What may end a job early: "Stop all jobs" (Esc), or only a request for this job.
enum class EndedBy { anything, request };

/// A job as the interface shows it.
struct JobStatus {
    std::uint64_t id = 0;                      ///< Rises with every job, from 1.
    std::string title;                         ///< "Open bouquet"
    std::string stage;                         ///< "photos"; empty before the first report.
    double fraction = 0;                       ///< Of the stage, in [0, 1].
    double began_at = 0;                       ///< The fraction of its first report: not 0 where it resumes.
    std::chrono::duration<double> elapsed{0};  ///< Since the stage began; of running jobs.
    JobState state = JobState::running;
    EndedBy ended_by = EndedBy::anything;
    bool cancelling = false;  ///< It was asked to stop, and still runs.
    std::string error;        ///< Message of a failed job.
};

/// "recording 40 %, 0:12 left": stage, progress and remaining time of a running job.
[[nodiscard]] std::string progress_text(const JobStatus& job);

/// One running job, held by the thread that does the work. Dropped without finish(), the job counts as
/// cancelled. Outlives its registry safely.
class JobTicket {
  public:
    JobTicket() = default;  ///< No job: reports nothing.
    JobTicket(JobTicket&& other) noexcept = default;
    JobTicket& operator=(JobTicket&& other) noexcept;
    JobTicket(const JobTicket&) = delete;
    JobTicket& operator=(const JobTicket&) = delete;
    ~JobTicket();

    /// The job to pass to the work: its reports go to the registry. Several threads may use it at once.
    [[nodiscard]] Job job() const;
    [[nodiscard]] std::stop_source stop() const;
    [[nodiscard]] std::uint64_t id() const { return id_; }
    /// Ends the job: done, failed, or cancelled where the error says so.
    void finish(const Result<void>& result = {});

  private:
    friend class JobRegistry;
    struct Shared;
    std::shared_ptr<Shared> shared_;
    std::uint64_t id_ = 0;
    std::stop_source stop_{std::nostopstate};
};

/// The long-running jobs of the program: workers report, the interface reads snapshots and requests stops.
/// Keeps the running jobs and the last ended ones.
class JobRegistry {
  public:
    /// `changed` is called after every change, on the thread that made it, by several at once. It may take
    /// snapshots, and must not start, cancel or report.
    explicit JobRegistry(std::function<void()> changed = {});
    ~JobRegistry();
    JobRegistry(const JobRegistry&) = delete;
    JobRegistry& operator=(const JobRegistry&) = delete;

    [[nodiscard]] JobTicket start(std::string title, EndedBy ended_by = EndedBy::anything);
    /// Asks a running job to stop; false where there is none of that number.
    bool cancel(std::uint64_t id);
    /// Asks all running jobs but those that only a request may end.
    void cancel_all();

    /// Oldest first.
    [[nodiscard]] std::vector<JobStatus> snapshot() const;
    [[nodiscard]] bool any_running() const;
    /// Of those that anything may end: a recording ends only at the request to stop it.
    [[nodiscard]] bool any_stoppable() const;

  private:
    std::shared_ptr<JobTicket::Shared> shared_;
};

/// `0:07`, `12:34`, `1:02:03`; rounded up to whole seconds.
[[nodiscard]] std::string format_duration(std::chrono::duration<double> seconds);

/// Remaining time by extrapolation: the work from `began_at` to `fraction`, both in [0, 1], took `elapsed`.
/// Empty where that is not meaningful: at the beginning, within the first half second, and at the end.
[[nodiscard]] std::optional<std::chrono::duration<double>> time_left(double began_at, double fraction,
                                                                     std::chrono::duration<double> elapsed);

}  // namespace lact::app
