#pragma once

#include <chrono>
#include <optional>

namespace lact::app {

/// The clock of what moves in the window: real time, or a time that is set frame by frame so that a recording
/// does not depend on how fast frames are drawn.
class FrameClock {
  public:
    [[nodiscard]] double now() const {
        return held_ ? *held_
                     : std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
                           .count();
    }
    void hold(double seconds) { held_ = seconds; }
    void release() { held_.reset(); }
    [[nodiscard]] bool held() const { return held_.has_value(); }

  private:
    std::optional<double> held_;
};

}  // namespace lact::app
