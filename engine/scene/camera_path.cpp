#include "engine/scene/camera_path.h"

#include "engine/scene/normalize.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Geometry>
#include <fmt/format.h>

namespace lact {
namespace {

constexpr double pi = std::numbers::pi;

Eigen::Vector3d unit_or(const Eigen::Vector3d& v, const Eigen::Vector3d& fallback) {
    return v.norm() > 1e-9 ? v.normalized() : fallback;
}

/// Mean intrinsics of the cameras for pictures of `size`.
Camera mean_intrinsics(std::span<const Camera> cameras, Size size) {
    Camera mean;
    mean.width = size.width;
    mean.height = size.height;
    const auto count = static_cast<double>(cameras.size());
    for (const Camera& camera : cameras) {
        const Camera fitted = apply(cover_crop({camera.width, camera.height}, size), camera, size);
        mean.fx += fitted.fx / count;
        mean.fy += fitted.fy / count;
        mean.cx += fitted.cx / count;
        mean.cy += fitted.cy / count;
    }
    return mean;
}

/// Where the cameras look: the meeting of their axes if it lies in front of them, otherwise (parallel axes,
/// one camera, a panorama) a point on the mean axis at twice the cameras' spread.
Eigen::Vector3d focus_of(std::span<const Camera> cameras, std::span<const Eigen::Matrix4d> poses) {
    const AxesMeeting meeting = meeting_of_axes(poses);
    Eigen::Vector3d center = Eigen::Vector3d::Zero();
    Eigen::Vector3d forward = Eigen::Vector3d::Zero();
    std::size_t in_front = 0;
    for (const Camera& camera : cameras) {
        center += camera.position() / static_cast<double>(cameras.size());
        forward += camera.forward();
        in_front += (meeting.point - camera.position()).dot(camera.forward()) > 0 ? 1U : 0U;
    }
    if (std::isfinite(meeting.ratio()) && 2 * in_front >= cameras.size()) {
        return meeting.point;
    }
    double spread = 0;
    for (const Camera& camera : cameras) {
        spread = std::max(spread, (camera.position() - center).norm());
    }
    return center + (spread > 0 ? 2 * spread : 1.0) * unit_or(forward, cameras.front().forward());
}

/// The azimuths that an orbit runs over: the whole circle, or an arc to and fro.
struct Sweep {
    double middle = 0;
    double half_arc = 0;
    bool full = true;
};

Sweep sweep_of(std::vector<double> azimuths) {
    constexpr double widest_gap = 200 * radians_per_degree;
    constexpr double least_half_arc = 10 * radians_per_degree;
    const double first = azimuths.front();
    std::sort(azimuths.begin(), azimuths.end());
    double gap = azimuths.front() + 2 * pi - azimuths.back();
    double after_gap = azimuths.front();
    for (std::size_t i = 1; i < azimuths.size(); ++i) {
        if (azimuths[i] - azimuths[i - 1] > gap) {
            gap = azimuths[i] - azimuths[i - 1];
            after_gap = azimuths[i];
        }
    }
    if (gap <= widest_gap) {
        return {first, 0, true};
    }
    const double arc = 2 * pi - gap;
    return {after_gap + arc / 2, arc > 1e-6 ? arc / 2 : least_half_arc, false};
}

Camera between(const Camera& a, const Camera& b, double t) {
    Camera out = a;
    const auto mix = [t](double from, double to) { return (1 - t) * from + t * to; };
    out.fx = mix(a.fx, b.fx);
    out.fy = mix(a.fy, b.fy);
    out.cx = mix(a.cx, b.cx);
    out.cy = mix(a.cy, b.cy);
    out.c2w = (1 - t) * a.c2w + t * b.c2w;
    return out;
}

Camera turntable_camera(double azimuth, double phase, Size size) {
    const double focal = size.width / (2 * std::tan(25 * radians_per_degree));
    Camera camera{size.width, size.height, focal, focal, size.width / 2.0, size.height / 2.0, {}};
    camera.c2w = look_at_focus(OrbitFrame{}, azimuth, (30 + 15 * std::sin(phase)) * radians_per_degree,
                               2.35 + 0.65 * std::sin(phase));
    return camera;
}

}  // namespace

Eigen::Matrix4d look_at_focus(const OrbitFrame& frame, double azimuth, double elevation, double radius) {
    const Eigen::Vector3d quarter = frame.up.cross(frame.zero);
    const Eigen::Vector3d level = std::cos(azimuth) * frame.zero + std::sin(azimuth) * quarter;
    const Eigen::Vector3d outward = std::cos(elevation) * level + std::sin(elevation) * frame.up;
    const Eigen::Vector3d right = std::cos(azimuth) * quarter - std::sin(azimuth) * frame.zero;
    Eigen::Matrix4d c2w = Eigen::Matrix4d::Identity();
    c2w.block<3, 1>(0, 0) = right;
    c2w.block<3, 1>(0, 1) = right.cross(outward);
    c2w.block<3, 1>(0, 2) = -outward;
    c2w.block<3, 1>(0, 3) = frame.focus + radius * outward;
    return c2w;
}

std::vector<Camera> released_turntable(int frames, Size size) {
    std::vector<Camera> path;
    for (int i = 0; i < frames; ++i) {
        const double phase = frames > 1 ? 2 * pi * i / (frames - 1) : 0.0;
        path.push_back(turntable_camera(2 * pi * i / frames, phase, size));
    }
    return path;
}

Camera released_turntable_at(double turn, Size size) {
    return turntable_camera(2 * pi * turn, 2 * pi * turn, size);
}

std::vector<Camera> released_interpolation(std::span<const Camera> cameras, int between_count) {
    std::vector<Camera> path;
    for (std::size_t i = 0; i + 1 < cameras.size(); ++i) {
        for (int step = 0; step <= between_count; ++step) {
            path.push_back(
                between(cameras[i], cameras[i + 1], static_cast<double>(step) / (between_count + 1)));
        }
    }
    if (!cameras.empty()) {
        path.push_back(cameras.back());
    }
    return path;
}

OrbitFit fit_orbit(std::span<const Camera> cameras, Size size) {
    std::vector<Eigen::Matrix4d> poses;
    Eigen::Vector3d up_sum = Eigen::Vector3d::Zero();
    for (const Camera& camera : cameras) {
        poses.push_back(camera.c2w);
        up_sum -= camera.c2w.block<3, 1>(0, 1);
    }
    OrbitFit fit;
    OrbitFrame& frame = fit.frame;
    frame.focus = focus_of(cameras, poses);
    frame.up = unit_or(up_sum, -cameras.front().c2w.block<3, 1>(0, 1).normalized());
    const Eigen::Vector3d start = cameras.front().position() - frame.focus;
    frame.zero = unit_or(start - start.dot(frame.up) * frame.up, frame.up.unitOrthogonal());
    const Eigen::Vector3d quarter = frame.up.cross(frame.zero);
    std::vector<double> azimuths;
    for (const Camera& camera : cameras) {
        const Eigen::Vector3d offset = camera.position() - frame.focus;
        const auto count = static_cast<double>(cameras.size());
        fit.radius += offset.norm() / count;
        const double level = std::hypot(offset.dot(frame.zero), offset.dot(quarter));
        fit.elevation += std::atan2(offset.dot(frame.up), level) / count;
        azimuths.push_back(std::atan2(offset.dot(quarter), offset.dot(frame.zero)));
    }
    const Sweep sweep = sweep_of(azimuths);
    fit.middle = sweep.middle;
    fit.half_arc = sweep.half_arc;
    fit.full = sweep.full;
    fit.lens = mean_intrinsics(cameras, size);
    return fit;
}

Camera orbit_at(const OrbitFit& fit, double turn) {
    const double phase = 2 * pi * turn;
    Camera camera = fit.lens;
    camera.c2w = look_at_focus(fit.frame, fit.middle + (fit.full ? phase : fit.half_arc * std::sin(phase)),
                               fit.elevation, fit.radius);
    return camera;
}

std::vector<Camera> orbit(std::span<const Camera> cameras, int frames, Size size) {
    const OrbitFit fit = fit_orbit(cameras, size);
    std::vector<Camera> path;
    for (int i = 0; i < frames; ++i) {
        path.push_back(orbit_at(fit, static_cast<double>(i) / frames));
    }
    return path;
}

Result<PathKind> parse_path_kind(std::string_view text) {
    if (text == "orbit") {
        return PathKind::orbit;
    }
    if (text == "release") {
        return PathKind::release;
    }
    if (text == "inputs") {
        return PathKind::inputs;
    }
    return fail("path", fmt::format("'{}' is not one of orbit, release, inputs", text));
}

std::vector<Camera> make_path(PathKind kind, std::span<const Camera> cameras, int frames, Size size) {
    if (kind == PathKind::release) {
        return released_turntable(frames, size);
    }
    if (kind == PathKind::orbit) {
        return orbit(cameras, frames, size);
    }
    std::vector<Camera> fitted;
    for (const Camera& camera : cameras) {
        fitted.push_back(apply(cover_crop({camera.width, camera.height}, size), camera, size));
    }
    return through_cameras(fitted, frames);
}

}  // namespace lact
