#pragma once

#include "app/document/document.h"
#include "app/document/session_file.h"
#include "app/runtime/jobs.h"
#include "app/runtime/log.h"
#include "engine/core/error.h"

#include <filesystem>
#include <thread>

namespace lact::app {

/// A film recorded by a second process of this program (`lactscope record`) from the session as it is: the
/// window stays free, frames have the size that is asked for, and the pixels are the command's.
class RecordingJob {
  public:
    /// `program`: what records; empty: this program's own file.
    RecordingJob(JobRegistry& jobs, ErrorLog& log, std::filesystem::path program)
        : jobs_(&jobs), log_(&log), program_(std::move(program)) {}
    ~RecordingJob();
    RecordingJob(const RecordingJob&) = delete;
    RecordingJob& operator=(const RecordingJob&) = delete;

    /// Errors: one is running; the session cannot be written.
    [[nodiscard]] Result<void> start(const SessionFile& session, const RecordChoice& choice,
                                     const std::filesystem::path& output);
    void stop();
    [[nodiscard]] bool running() const;
    /// Whether this is the film's job.
    [[nodiscard]] bool is(const JobStatus& job) const {
        return job.id == job_ && job.state == JobState::running;
    }

  private:
    JobRegistry* jobs_;
    ErrorLog* log_;
    std::filesystem::path program_;
    std::uint64_t job_ = 0;
    std::jthread thread_;
};

/// How films are recorded. The view must outlive the table.
[[nodiscard]] Result<void> add_record_parameters(Document& view, ParameterTable& parameters);

}  // namespace lact::app
