// The window at a given moment of the program's clock: for recordings.
#include "app/program/window_program.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace lact::app {

void WindowProgram::hold_clock(double seconds) {
    if (!clock_.held()) {
        camera_.rested_before(seconds);  // The camera has rested when the film begins.
    }
    clock_.hold(seconds);
}

Result<Image8> WindowProgram::exact_frame(const Job& job) {
    constexpr int quiet_frames = 3;  // ImGui needs them to settle sizes.
    constexpr double patience = 120;
    const auto began = std::chrono::steady_clock::now();
    int quiet = 0;
    std::size_t place = story_.place();
    while (quiet < quiet_frames) {
        if (job.stopped()) {
            return cancelled();
        }
        LACT_TRY(const bool drew, shell_.frame());
        (void)drew;
        const bool moved_on = story_.place() != place;
        place = story_.place();
        quiet = settled_but_for_motion() && !moved_on && !jobs_.any_running() ? quiet + 1 : 0;
        if (quiet == 0) {
            (void)display_.wait(0.005);
        }
        const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - began;
        if (waited.count() > patience) {
            return fail("recording", fmt::format("a frame is still busy after {:.0f} seconds", patience));
        }
    }
    Image8 picture;
    LACT_TRY(const bool visible, shell_.frame(&picture));
    (void)visible;
    return picture;
}

bool WindowProgram::story_over() const {
    const bool flies = path_.playing() && path_.seconds_left() > 0;
    return !story_.playing() && !story_.touring() && !camera_.gliding() && !flies;
}

double WindowProgram::story_seconds_left() const {
    return std::max({story_.seconds_left(), camera_.glide_seconds_left(), path_.seconds_left()});
}

bool WindowProgram::loop_closes_within(double seconds) const {
    const auto path = view_.path.evaluator();
    return path && path->closed() && path_.playing() && !story_.playing() && !camera_.gliding() &&
           path_.seconds_left() <= seconds;
}

}  // namespace lact::app
