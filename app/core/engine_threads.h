#pragma once

#include <algorithm>

namespace lact::app {

/// How many CPU threads the engine takes beside a window: one core is the interface's own; a display that is
/// drawn by the CPU (lavapipe) gets half of them, or it would fall below 30 frames a second while the engine
/// renders.
[[nodiscard]] constexpr int engine_threads_beside_window(unsigned cores, bool display_is_software) {
    const int all = std::max(1, static_cast<int>(cores));
    return std::max(1, display_is_software ? all / 2 : all - 1);
}

}  // namespace lact::app
