#pragma once

#include "app/commands/parameter_table.h"
#include "app/document/document.h"
#include "app/document/session_file.h"
#include "app/runtime/jobs.h"
#include "app/runtime/log.h"
#include "engine/core/error.h"
#include "engine/session/model.h"

#include <cstdint>
#include <filesystem>
#include <thread>

namespace lact::app {

/// Records a video of the current session with a second process of this program (`lactscope record`): the
/// window stays usable, frames have the requested size, and pixels equal those of the command.
class RecordingJob {
  public:
    /// `program`: the executable that records; empty: this program. `compute`: it computes as the window
    /// does.
    RecordingJob(JobRegistry& jobs, ErrorLog& log, std::filesystem::path program, ComputeOptions compute)
        : jobs_(&jobs), log_(&log), program_(std::move(program)), compute_(std::move(compute)) {}
    ~RecordingJob();
    RecordingJob(const RecordingJob&) = delete;
    RecordingJob& operator=(const RecordingJob&) = delete;

    /// Errors: one is running; the session cannot be written.
    /// `may_open`: the script of the session, which the user has made or allowed, may open other files.
    [[nodiscard]] Result<void> start(const SessionFile& session, const RecordChoice& choice,
                                     const std::filesystem::path& output, bool may_open);
    void stop();
    [[nodiscard]] bool running() const;
    /// The job that records or recorded last; 0: none yet.
    [[nodiscard]] std::uint64_t id() const { return job_; }

  private:
    JobRegistry* jobs_;
    ErrorLog* log_;
    std::filesystem::path program_;
    ComputeOptions compute_;
    std::uint64_t job_ = 0;
    std::jthread thread_;
};

/// The parameters of recordings. The document must outlive the table.
[[nodiscard]] Result<void> add_record_parameters(Document& document, ParameterTable& parameters);

}  // namespace lact::app
