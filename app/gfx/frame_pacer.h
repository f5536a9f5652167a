#pragma once

#include <algorithm>
#include <optional>
#include <vector>

namespace lact::gfx {

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

    /// One frame at `time`, the earliest that is asked for: something that is shown ends by itself then.
    void at(double time) { ends_ = std::min(ends_.value_or(time), time); }

    [[nodiscard]] bool due(double now) const { return soon_ > 0 || (next() && *next() <= now); }
    /// How long to wait for events before the next frame; nothing: for ever.
    [[nodiscard]] std::optional<double> wait(double now) const {
        if (due(now)) {
            return 0.0;
        }
        const auto time = next();
        return time ? std::optional(*time - now) : std::nullopt;
    }
    void drawn(double now) {
        soon_ = std::max(soon_ - 1, 0);
        std::erase_if(later_, [&](double time) { return time <= now; });
        if (ends_ && *ends_ <= now) {
            ends_.reset();
        }
    }

  private:
    static constexpr int settle_frames = 3;
    [[nodiscard]] std::optional<double> next() const {
        if (later_.empty()) {
            return ends_;
        }
        return std::min(later_.front(), ends_.value_or(later_.front()));
    }
    int soon_ = settle_frames;
    std::vector<double> later_;  ///< Ascending.
    std::optional<double> ends_;
};

}  // namespace lact::gfx
