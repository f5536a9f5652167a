#pragma once

#include "app/runtime/engine_service.h"
#include "app/runtime/frame_state.h"
#include "app/runtime/jobs.h"
#include "app/runtime/log.h"
#include "app/runtime/training_watch.h"

#include <functional>

namespace lact::app {

/// Everything that computes in the background, and its state for the current frame.
struct Runtime {
    /// `wake` is called from any thread when there is something new to show; it must not call into this.
    Runtime(ComputeOptions compute, std::function<void()> wake);

    /// Before a frame: takes the newest snapshot.
    void refresh();

    ComputeOptions compute;  ///< As given; other processes that compute the same need it.
    ErrorLog log;
    JobRegistry jobs;
    TrainingWatch training;
    FrameState frame;
    EngineService engine;  ///< Last: its thread ends before the members it uses are destroyed.
};

}  // namespace lact::app
