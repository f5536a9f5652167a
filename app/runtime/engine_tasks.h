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

/// The order in which the engine thread works. After every task it begins again at the top.
///
/// |   | task             | what it does                                               | stopped by       |
/// |---|------------------|------------------------------------------------------------|------------------|
/// | 1 | SetUpTask        | Loads weights and photos, builds the state. Requests that  | a set-up request |
/// |   |                  | come while it loads join it.                               | (1), cancel      |
/// | 2 | SidesTask        | Builds the two sides of the comparison, or lets them go.   | set-up, sides,   |
/// |   |                  |                                                            | cancel           |
/// | 3 | MatrixTask       | Reads the fast-weight matrix that was requested last.      | nothing (short)  |
/// | 4 | FrameTask        | Renders from the latest camera, with the pair where sides  | set-up, cancel;  |
/// |   |                  | are compared. A moved camera waits for it.                 | again after a (2)|
/// | 5 | CompletePairTask | Fills in the SSIM of a pair of large images.               | nothing          |
/// | 6 | LeftOutFrameTask | Renders the frame that a pair came without.                | set-up, camera,  |
/// | 7 | QueryTask        | Answers the first query, by name, without an answer.       | sides, cancel:   |
/// | 8 | TableRowTask     | Computes one row of the table over held-out views.         | all three        |
///
/// (1) While it loads: by a request for which something is loaded; later by every one. The stopped requests
/// are tried again together with the newer ones.
/// (2) set-up: the frame would show a state that is about to go. Tasks 2 to 8 need a state.
[[nodiscard]] std::vector<std::unique_ptr<Task>> engine_tasks(const EngineContext& context);

}  // namespace lact::app
