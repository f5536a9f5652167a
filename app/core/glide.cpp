#include "app/core/glide.h"

#include "app/core/orbit_camera.h"

#include <algorithm>

namespace lact::app {

void Glide::orbit(const Viewpoint& from, double yaw, double pitch, double seconds, double now) {
    motion_ = Motion{from, std::nullopt, yaw, pitch, now, seconds};
}

void Glide::to(const Viewpoint& from, const Viewpoint& target, double seconds, double now) {
    motion_ = Motion{from, target, 0, 0, now, seconds};
}

std::optional<Viewpoint> Glide::advance(double now) {
    if (!motion_) {
        return std::nullopt;
    }
    const Motion motion = *motion_;
    const double t = motion.seconds > 0 ? std::clamp((now - motion.began) / motion.seconds, 0.0, 1.0) : 1.0;
    if (t >= 1) {
        motion_.reset();
    }
    if (motion.to) {
        return between(motion.from, *motion.to, t);
    }
    const double eased = t * t * (3 - 2 * t);
    return lact::app::orbit(motion.from, motion.yaw * eased, motion.pitch * eased);
}

}  // namespace lact::app
