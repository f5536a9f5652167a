#pragma once

#include "app/program/recorder.h"
#include "app/window/display.h"

#include <memory>
#include <utility>

namespace lact::app::test {

/// A program on pixels of its own, as `lactscope record` uses one: nothing is open yet.
struct RecordingProgram {
    std::unique_ptr<window::Display> display;
    std::unique_ptr<WindowProgram> program;  ///< Ends before its display.
};

/// Errors: there is no Vulkan device; those of WindowProgram::create().
inline Result<RecordingProgram> start_recording_program(int width, int height) {
    window::DisplayOptions size;
    size.width = width;
    size.height = height;
    RecordingProgram started;
    LACT_TRY(started.display, window::make_offscreen(size));
    WindowOptions options;
    options.compute.device = "cpu";
    LACT_TRY(started.program, WindowProgram::create(*started.display, std::move(options)));
    return started;
}

}  // namespace lact::app::test
