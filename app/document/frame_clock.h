#pragma once

#include <chrono>
#include <optional>

namespace lact::app {

/// Seconds of the steady clock.
[[nodiscard]] inline double steady_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The clock of animations in the window: real time, or a time that is set for each frame, so that a
/// recording does not depend on how fast frames are drawn.
class FrameClock {
  public:
    /// Seconds.
    [[nodiscard]] double now() const { return held_ ? *held_ : steady_seconds(); }
    void hold(double seconds) { held_ = seconds; }
    void release() { held_.reset(); }
    [[nodiscard]] bool held() const { return held_.has_value(); }

  private:
    std::optional<double> held_;
};

}  // namespace lact::app
