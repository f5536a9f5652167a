#pragma once

#include <algorithm>
#include <optional>
#include <vector>

namespace lact::window {

/// Decides when a frame is due, from times alone (seconds of any steady clock): none while nothing happens.
class FramePacer {
  public:
    /// The person did something at `now`: a few frames for ImGui to settle (hovering, docking and menus need
    /// up to three), and one each when tooltips become due.
    void input(double now) {
        soon_ = std::max(soon_, settle_frames);
        later_ = {now + 0.2, now + 0.6};
    }
    /// Something else changed: one frame to show it, and a later one for sizes that depend on it; while the
    /// engine delivers picture after picture, one frame each is enough.
    void changed(double now) {
        soon_ = std::max(soon_, 1);
        if (later_.empty()) {
            later_ = {now + 0.25};
        }
    }
    /// One more frame at once: what is shown moves.
    void animate_once() { soon_ = std::max(soon_, 1); }

    [[nodiscard]] bool due(double now) const {
        return soon_ > 0 || (!later_.empty() && later_.front() <= now);
    }
    /// How long to wait for events before the next frame; nothing: for ever.
    [[nodiscard]] std::optional<double> wait(double now) const {
        if (due(now)) {
            return 0.0;
        }
        return later_.empty() ? std::nullopt : std::optional(later_.front() - now);
    }
    void drawn(double now) {
        soon_ = std::max(soon_ - 1, 0);
        std::erase_if(later_, [&](double time) { return time <= now; });
    }

  private:
    static constexpr int settle_frames = 3;
    int soon_ = settle_frames;
    std::vector<double> later_;  ///< Ascending.
};

}  // namespace lact::window
