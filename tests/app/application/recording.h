#pragma once

#include "app/application/recorder.h"
#include "app/gfx/display.h"

#include <memory>
#include <utility>

namespace lact::app::test {

/// A program on pixels of its own, as `lactscope record` uses one: nothing is open yet.
struct RecordingProgram {
    std::unique_ptr<gfx::Display> display;
    std::unique_ptr<Application> program;  ///< Ends before its display.
};

/// Errors: there is no Vulkan device; those of Application::create().
inline Result<RecordingProgram> start_recording_program(int width, int height) {
    gfx::DisplayOptions size;
    size.width = width;
    size.height = height;
    RecordingProgram started;
    LACT_TRY(started.display, gfx::make_offscreen(size));
    ApplicationOptions options;
    options.compute.device = "cpu";
    LACT_TRY(started.program, Application::create(*started.display, std::move(options)));
    return started;
}

}  // namespace lact::app::test
