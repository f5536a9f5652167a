#pragma once

#include "app/runtime/jobs.h"
#include "app/runtime/log.h"
#include "app/runtime/snapshot.h"
#include "app/runtime/training_watch.h"

#include <memory>
#include <vector>

namespace lact::app {

/// The state of the runtime for one frame of the window: constant while the frame is drawn.
struct FrameState {
    std::shared_ptr<const Snapshot> engine = std::make_shared<const Snapshot>();  ///< Never null.
    std::vector<JobStatus> jobs;
    TrainingWatch::Views training;  ///< Training runs that are watched.
    const ErrorLog* log = nullptr;  ///< Messages; read by sequence number.
};

/// Read access for panels and controllers: `->` reads the snapshot of the engine, the rest has names.
class SnapshotRef {
  public:
    explicit SnapshotRef(const FrameState& frame) : frame_(&frame) {}

    const Snapshot* operator->() const { return frame_->engine.get(); }
    const Snapshot& operator*() const { return *frame_->engine; }
    [[nodiscard]] const std::vector<JobStatus>& jobs() const { return frame_->jobs; }
    [[nodiscard]] const TrainingWatch::Views& training() const { return frame_->training; }
    [[nodiscard]] const ErrorLog& log() const { return *frame_->log; }

  private:
    const FrameState* frame_;
};

}  // namespace lact::app
