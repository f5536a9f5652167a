#include "app/document/camera_motion.h"

#include "app/document/viewpoint.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Geometry>

namespace lact::app {

namespace {

constexpr double nearest_distance = 0.01;
constexpr double farthest_distance = 100;

/// Turns camera and position around the centre; the distance is kept exactly.
Viewpoint turned(const Viewpoint& from, double angle, const Eigen::Vector3d& axis) {
    const Eigen::Matrix3d turn = Eigen::AngleAxisd(angle, axis).toRotationMatrix();
    const Eigen::Vector3d offset = turn * (from.position() - from.center);
    Viewpoint to = from;
    to.c2w = make_pose(orthonormal(turn * from.c2w.block<3, 3>(0, 0)), from.center + offset);
    return to;
}

}  // namespace

Viewpoint orbit(const Viewpoint& from, double yaw, double pitch) {
    Viewpoint view = yaw == 0 ? from : turned(from, yaw, from.up);
    const Eigen::Vector3d offset = view.position() - view.center;
    if (offset.norm() < 1e-12 * view.scale) {
        return view;
    }
    // The axis across offset and up raises the camera whatever its roll; right above the centre, where there
    // is none, the camera's own right axis does.
    Eigen::Vector3d axis = offset.cross(view.up);
    axis = axis.norm() > 1e-6 * offset.norm() ? Eigen::Vector3d(axis.normalized())
                                              : Eigen::Vector3d(-view.c2w.block<3, 1>(0, 0));
    const double allowed = allowed_pitch(offset, view.up, pitch);
    return allowed == 0 ? view : turned(view, allowed, axis);
}

Viewpoint pan(const Viewpoint& from, double right, double down) {
    const Eigen::Vector3d to_center = from.center - from.position();
    const double depth = std::max(to_center.dot(from.c2w.block<3, 1>(0, 2)), nearest_distance * from.scale);
    // Height of the view frustum at that depth.
    const double height = depth * from.lens.reference.height / from.lens.fy;
    const Eigen::Vector3d motion =
        height * (right * from.c2w.block<3, 1>(0, 0) + down * from.c2w.block<3, 1>(0, 1));
    Viewpoint to = from;
    to.c2w.block<3, 1>(0, 3) += motion;
    to.center += motion;
    return to;
}

Viewpoint dolly(const Viewpoint& from, double factor) {
    const Eigen::Vector3d offset = from.position() - from.center;
    const double distance = offset.norm();
    if (distance <= 0 || !(factor > 0)) {
        return from;
    }
    const double requested = std::clamp(distance * factor, std::min(distance, nearest_distance * from.scale),
                                        std::max(distance, farthest_distance * from.scale));
    Viewpoint to = from;
    to.c2w.block<3, 1>(0, 3) = from.center + offset * (requested / distance);
    return to;
}

Viewpoint recenter(const Viewpoint& from) {
    const Eigen::Vector3d forward = from.c2w.block<3, 1>(0, 2);
    const double depth = std::max((from.center - from.position()).dot(forward), 0.1 * from.scale);
    Viewpoint to = from;
    to.center = from.position() + depth * forward;
    return to;
}

namespace {

constexpr double fast_factor = 4;
constexpr double longest_step = 0.1;  ///< Seconds.

Eigen::Matrix3d rotated_in_place(const Viewpoint& from, double yaw, double pitch) {
    Eigen::Matrix3d old = from.c2w.block<3, 3>(0, 0);
    if (yaw == 0 && pitch == 0) {
        return old;  // the pose of an input camera stays exact
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
    const Eigen::Matrix3d rotation = rotated_in_place(from, input.yaw, input.pitch);
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
