#pragma once

#include "app/runtime/engine_service.h"
#include "app/runtime/frame_state.h"
#include "app/runtime/jobs.h"
#include "app/runtime/log.h"
#include "app/runtime/training_watch.h"

#include <functional>
#include <utility>

namespace lact::app {

/// Everything that computes beside the window, and what a frame shows of it.
struct Runtime {
    /// `wake` is called from any thread when there is something new to show; it must not call back.
    Runtime(ComputeOptions compute, std::function<void()> wake);

    /// Before a frame: takes the newest snapshot.
    void refresh();

    ErrorLog log;
    JobRegistry jobs;
    TrainingWatch training;
    FrameState frame;
    EngineService engine;  ///< Last: its thread ends before what it uses is gone.
};

}  // namespace lact::app
