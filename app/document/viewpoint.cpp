#include "app/document/viewpoint.h"

#include "engine/scene/normalize.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <Eigen/Geometry>

namespace lact::app {

namespace {

constexpr double nothing = 1e-9;

Eigen::Vector3d mean_column(std::span<const Camera> cameras, int column) {
    Eigen::Vector3d sum = Eigen::Vector3d::Zero();
    for (const Camera& camera : cameras) {
        sum += camera.c2w.block<3, 1>(0, column);
    }
    return sum / static_cast<double>(cameras.size());
}

/// Mean of an axis as a direction; where the cameras cancel out, that of the first one.
Eigen::Vector3d mean_direction(std::span<const Camera> cameras, int column) {
    const Eigen::Vector3d mean = mean_column(cameras, column);
    return mean.norm() > 1e-3 ? mean.normalized() : cameras.front().c2w.block<3, 1>(0, column).normalized();
}

bool axes_meet_in_front(std::span<const Camera> cameras, const AxesMeeting& meeting) {
    if (!std::isfinite(meeting.ratio()) || meeting.ratio() >= meeting_ratio_limit) {
        return false;
    }
    const auto in_front = std::count_if(cameras.begin(), cameras.end(), [&](const Camera& camera) {
        return (meeting.point - camera.position()).dot(camera.forward()) > 0;
    });
    return 2 * in_front >= static_cast<std::ptrdiff_t>(cameras.size());
}

/// Mean elevation above the plane across `up`, in radians, and the azimuth of the first camera that is not
/// right above or below the centre.
Eigen::Vector3d mean_offset(std::span<const Camera> cameras, const Viewpoint& view) {
    double elevation = 0;
    Eigen::Vector3d heading = Eigen::Vector3d::Zero();
    for (const Camera& camera : cameras) {
        const Eigen::Vector3d offset = camera.position() - view.center;
        const double height = offset.dot(view.up);
        const Eigen::Vector3d flat = offset - height * view.up;
        elevation += std::atan2(height, flat.norm()) / static_cast<double>(cameras.size());
        if (heading.isZero() && flat.norm() > nothing) {
            heading = flat.normalized();
        }
    }
    if (heading.isZero()) {
        heading = view.up.unitOrthogonal();
    }
    return view.scale * (std::cos(elevation) * heading + std::sin(elevation) * view.up);
}

double smooth(double t) {
    return t * t * (3 - 2 * t);
}

}  // namespace

Viewpoint frame_all(std::span<const Camera> all) {
    const std::vector<Camera> cameras = inlying_cameras(all);
    Viewpoint view;
    if (cameras.empty()) {
        view.scale = 3;
        view.lens = {{1, 1}, 1, 1, 0.5, 0.5};
        return look_at(view, {0, -3, 1}, Eigen::Vector3d::Zero());
    }
    std::vector<Eigen::Matrix4d> poses;
    for (const Camera& camera : cameras) {
        poses.push_back(camera.c2w);
    }
    view.lens = typical_lens(cameras);
    view.up = -mean_direction(cameras, 1);  // OpenCV's y axis points down
    const AxesMeeting meeting = meeting_of_axes(poses);
    if (axes_meet_in_front(cameras, meeting)) {
        view.center = meeting.point;
        view.scale = std::max(meeting.mean_camera_distance, nothing);
        return look_at(view, view.center + mean_offset(cameras, view), view.center);
    }
    const Eigen::Vector3d position = mean_column(cameras, 3);
    double spread = 0;
    for (const Camera& camera : cameras) {
        spread += (camera.position() - position).norm() / static_cast<double>(cameras.size());
    }
    view.scale = spread > nothing ? spread : 1;
    view.center = position + view.scale * mean_direction(cameras, 2);
    return look_at(view, position, view.center);
}

Viewpoint go_to(const Viewpoint& from, const Camera& camera) {
    Viewpoint to = from;
    to.c2w = camera.c2w;
    to.lens = lens_of(camera);
    return to;
}

Viewpoint with_lens(const Viewpoint& from, const Lens& lens) {
    Viewpoint to = from;
    to.lens = lens;
    return to;
}

Viewpoint look_at(const Viewpoint& from, const Eigen::Vector3d& position, const Eigen::Vector3d& target) {
    const Eigen::Matrix3d old = from.c2w.block<3, 3>(0, 0);
    const Eigen::Vector3d way = target - position;
    const Eigen::Vector3d forward = way.norm() > nothing ? way.normalized() : Eigen::Vector3d(old.col(2));
    Viewpoint to = from;
    to.c2w = make_pose(upright(forward, from.up, old.col(0)), position);
    return to;
}

Viewpoint level(const Viewpoint& from) {
    const Eigen::Matrix3d old = from.c2w.block<3, 3>(0, 0);
    Viewpoint to = from;
    to.c2w = make_pose(upright(old.col(2), from.up, old.col(0)), from.position());
    return to;
}

Viewpoint between(const Viewpoint& a, const Viewpoint& b, double t) {
    if (t <= 0 || t >= 1) {
        return t <= 0 ? a : b;
    }
    const double s = smooth(t);
    const auto rotation = [](const Viewpoint& view) {
        return Eigen::Quaterniond(Eigen::Matrix3d(view.c2w.block<3, 3>(0, 0))).normalized();
    };
    const auto mix = [s](double from, double to) { return from + s * (to - from); };
    Viewpoint view = b;
    view.c2w = make_pose(rotation(a).slerp(s, rotation(b)).toRotationMatrix(),
                         a.position() + s * (b.position() - a.position()));
    view.center = a.center + s * (b.center - a.center);
    view.scale = mix(a.scale, b.scale);
    const Camera start = make_camera(a.c2w, a.lens, b.lens.reference);
    view.lens.fx = mix(start.fx, b.lens.fx);
    view.lens.fy = mix(start.fy, b.lens.fy);
    view.lens.cx = mix(start.cx, b.lens.cx);
    view.lens.cy = mix(start.cy, b.lens.cy);
    return view;
}

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
