#include "app/core/orbit_camera.h"

#include "app/core/pose_math.h"

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
    // The height of what is seen at that depth.
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
    const double wanted = std::clamp(distance * factor, std::min(distance, nearest_distance * from.scale),
                                     std::max(distance, farthest_distance * from.scale));
    Viewpoint to = from;
    to.c2w.block<3, 1>(0, 3) = from.center + offset * (wanted / distance);
    return to;
}

Viewpoint recenter(const Viewpoint& from) {
    const Eigen::Vector3d forward = from.c2w.block<3, 1>(0, 2);
    const double depth = std::max((from.center - from.position()).dot(forward), 0.1 * from.scale);
    Viewpoint to = from;
    to.center = from.position() + depth * forward;
    return to;
}

}  // namespace lact::app
