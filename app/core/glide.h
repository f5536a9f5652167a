#pragma once

#include "app/core/navigation.h"

#include <algorithm>
#include <optional>

namespace lact::app {

/// A camera that moves by itself for a while: eased at both ends.
class Glide {
  public:
    /// Turns around the centre by so many radians.
    void orbit(const Viewpoint& from, double yaw, double pitch, double seconds, double now);
    /// To another viewpoint.
    void to(const Viewpoint& from, const Viewpoint& target, double seconds, double now);
    void stop() { motion_.reset(); }
    [[nodiscard]] bool active() const { return motion_.has_value(); }
    [[nodiscard]] double seconds_left(double now) const {
        return motion_ ? std::max(0.0, motion_->began + motion_->seconds - now) : 0;
    }

    /// Where it is; ends by itself, at the end exactly. Empty where nothing moves.
    [[nodiscard]] std::optional<Viewpoint> advance(double now);

  private:
    struct Motion {
        Viewpoint from;
        std::optional<Viewpoint> to;  ///< Else an orbit.
        double yaw = 0;
        double pitch = 0;
        double began = 0;
        double seconds = 0;
    };
    std::optional<Motion> motion_;
};

}  // namespace lact::app
