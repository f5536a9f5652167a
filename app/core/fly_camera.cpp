#include "app/core/fly_camera.h"

#include "app/core/pose_math.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Geometry>

namespace lact::app {
namespace {

constexpr double fast_factor = 4;
constexpr double longest_step = 0.1;  ///< Seconds.

Eigen::Matrix3d looked_around(const Viewpoint& from, double yaw, double pitch) {
    const Eigen::Matrix3d old = from.c2w.block<3, 3>(0, 0);
    if (yaw == 0 && pitch == 0) {
        return old;  // standing on an input camera stays exactly there
    }
    // Right is clockwise seen from above.
    const Eigen::Matrix3d turn = Eigen::AngleAxisd(-yaw, from.up).toRotationMatrix();
    Eigen::Vector3d forward = turn * old.col(2);
    Eigen::Matrix3d level = upright(forward, from.up, turn * old.col(0));
    const double allowed = allowed_pitch(forward, from.up, pitch);
    forward = Eigen::AngleAxisd(allowed, level.col(0)) * forward;
    return upright(forward.normalized(), from.up, level.col(0));
}

}  // namespace

FlySpeed wheel(FlySpeed speed, double notches) {
    return {std::clamp(speed.value * std::pow(1.25, notches), 0.01, 20.0)};
}

Viewpoint fly(const Viewpoint& from, const FlyInput& input, FlySpeed speed, double seconds) {
    const Eigen::Matrix3d rotation = looked_around(from, input.yaw, input.pitch);
    Eigen::Vector3d way =
        input.forward * rotation.col(2) + input.right * rotation.col(0) + input.up * from.up;
    if (way.norm() > 1) {
        way.normalize();
    }
    const double length =
        speed.value * (input.fast ? fast_factor : 1) * from.scale * std::clamp(seconds, 0.0, longest_step);
    Viewpoint to = from;
    to.c2w = make_pose(rotation, from.position() + length * way);
    return to;
}

}  // namespace lact::app
