#pragma once

#include "app/runtime/engine_state.h"
#include "app/runtime/engine_worker.h"
#include "app/runtime/jobs.h"
#include "app/runtime/log.h"
#include "app/runtime/task_queue.h"

#include <memory>
#include <vector>

namespace lact::app {

/// What the tasks work on. `state` belongs to the lock of the queue, `worker` to its thread.
struct EngineContext {
    EngineState& state;
    EngineWorker& worker;
    ErrorLog& log;
    JobRegistry& jobs;
};

/// The order in which the engine thread works. After every task it begins again at the top; all but the
/// first need a state.
///
/// 1. SetUpTask: loads weights and photos, then builds the state. Requests that come while it loads join it.
///    Stopped by a request for which other things are loaded, and once it builds the state by every set-up
///    request: both are then done together. Stopped by cancel.
/// 2. SidesTask: builds the two sides of the comparison, or lets them go. Stopped by a set-up, by other
///    sides, by cancel.
/// 3. MatrixTask: reads the fast-weight matrix that was requested last. Short; nothing stops it.
/// 4. FrameTask: renders from the latest camera, with the pair where sides are compared. A moved camera waits
///    until it is done. Stopped by a set-up, after which it comes again, and by cancel.
/// 5. CompletePairTask: fills in the SSIM of a pair of large images. Nothing stops it.
/// 6. LeftOutFrameTask: renders the frame that a pair came without.
/// 7. QueryTask: answers the first query, by name, that the state has not answered.
/// 8. TableRowTask: computes one row of the table over held-out views.
/// 9. ExperimentTask: does one piece of the running experiment, or begins the requested one.
///
/// 6 to 9 are stopped by a set-up, a moved camera, other sides and cancel, and come again after those, but
/// for an experiment, which cancel ends. A set-up does not change what an experiment works on.
[[nodiscard]] std::vector<std::unique_ptr<Task>> engine_tasks(const EngineContext& context);

}  // namespace lact::app
