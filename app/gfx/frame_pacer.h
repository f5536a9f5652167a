#pragma once

#include <optional>
#include <vector>

namespace lact::gfx {

/// Decides when a frame is due, from times alone (seconds of a steady clock). While idle, none is.
class FramePacer {
  public:
    /// User input at `now`: three frames for ImGui to settle (hovering, docking and menus need them), and one
    /// each at the delays of tooltips.
    void input(double now);
    /// Another change: one frame to show it, and a later one for sizes that depend on it. While the engine
    /// delivers frame after frame, one each is enough.
    void changed(double now);
    /// One more frame at once, for an animation.
    void animate_once();
    /// A frame at `time`, the earliest requested: something on screen ends by itself then.
    void at(double time);

    [[nodiscard]] bool due(double now) const;
    /// Seconds to wait for events before the next frame; empty: without limit.
    [[nodiscard]] std::optional<double> wait(double now) const;
    /// Call after a frame.
    void drawn(double now);

  private:
    static constexpr int settle_frames = 3;
    [[nodiscard]] std::optional<double> next() const;

    int soon_ = settle_frames;    ///< Frames that are due at once.
    std::vector<double> later_;   ///< Times of further frames, ascending.
    std::optional<double> ends_;  ///< Earliest time of at().
};

}  // namespace lact::gfx
