#include "app/core/pose_math.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Geometry>

namespace lact::app {

Eigen::Matrix4d make_pose(const Eigen::Matrix3d& rotation, const Eigen::Vector3d& position) {
    Eigen::Matrix4d pose = Eigen::Matrix4d::Identity();
    pose.block<3, 3>(0, 0) = rotation;
    pose.block<3, 1>(0, 3) = position;
    return pose;
}

Eigen::Matrix3d upright(const Eigen::Vector3d& forward, const Eigen::Vector3d& up,
                        const Eigen::Vector3d& right) {
    Eigen::Vector3d x = forward.cross(up);
    if (x.norm() < 1e-6) {
        x = right - right.dot(forward) * forward;
    }
    if (x.norm() < 1e-6) {
        x = forward.unitOrthogonal();
    }
    x.normalize();
    Eigen::Matrix3d rotation;
    rotation.col(0) = x;
    rotation.col(1) = forward.cross(x).normalized();
    rotation.col(2) = forward;
    return rotation;
}

Eigen::Matrix3d orthonormal(const Eigen::Matrix3d& rotation) {
    const Eigen::Vector3d forward = rotation.col(2).normalized();
    const Eigen::Vector3d right = (rotation.col(0) - rotation.col(0).dot(forward) * forward).normalized();
    Eigen::Matrix3d clean;
    clean.col(0) = right;
    clean.col(1) = forward.cross(right);
    clean.col(2) = forward;
    return clean;
}

double allowed_pitch(const Eigen::Vector3d& direction, const Eigen::Vector3d& up, double pitch) {
    constexpr double limit = std::numbers::pi / 2 - std::numbers::pi / 180;
    const double elevation = std::asin(std::clamp(direction.normalized().dot(up), -1.0, 1.0));
    const double lowest = std::min(0.0, -limit - elevation);
    const double highest = std::max(0.0, limit - elevation);
    return std::clamp(pitch, lowest, highest);
}

}  // namespace lact::app
