#include "engine/scene/camera_path.h"

#include "engine/scene/monotone_map.h"
#include "engine/scene/normalize.h"
#include "engine/scene/pose_spline.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <Eigen/Geometry>
#include <fmt/format.h>

namespace lact {
namespace {

constexpr double pi = std::numbers::pi;

Eigen::Vector3d unit_or(const Eigen::Vector3d& v, const Eigen::Vector3d& fallback) {
    return v.norm() > 1e-9 ? v.normalized() : fallback;
}

/// Mean intrinsics of the cameras for images of `size`.
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

/// The point that the cameras look at: the point closest to their axes if it lies in front of them,
/// otherwise (parallel axes, one camera, a panorama) the point on the mean axis at twice the spread of the
/// cameras.
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

/// The azimuths of an orbit: the whole circle, or an arc traversed back and forth.
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

Camera interpolate_matrices(const Camera& a, const Camera& b, double t) {
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
            path.push_back(interpolate_matrices(cameras[i], cameras[i + 1],
                                                static_cast<double>(step) / (between_count + 1)));
        }
    }
    if (!cameras.empty()) {
        path.push_back(cameras.back());
    }
    return path;
}

OrbitFit fit_orbit(std::span<const Camera> all, Size size) {
    const std::vector<Camera> cameras = inlying_cameras(all);
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

namespace {

/// Distance between cameras in position and direction: metres, with half a turn counted as the mean distance
/// of the cameras from their centre, so that cameras at one position are ordered by direction.
class Travel {
  public:
    explicit Travel(std::span<const Camera> cameras) : cameras_(cameras) {
        Eigen::Vector3d center = Eigen::Vector3d::Zero();
        const auto count = static_cast<double>(cameras.size());
        for (const Camera& camera : cameras) {
            center += camera.position() / count;
        }
        double spread = 0;
        for (const Camera& camera : cameras) {
            spread += (camera.position() - center).norm() / count;
        }
        per_radian_ = (spread > 0 ? spread : 1.0) / std::numbers::pi;
    }

    [[nodiscard]] double operator()(std::size_t a, std::size_t b) const {
        const Camera& from = cameras_[a];
        const Camera& to = cameras_[b];
        const double cosine = from.forward().normalized().dot(to.forward().normalized());
        return (from.position() - to.position()).norm() +
               per_radian_ * std::acos(std::clamp(cosine, -1.0, 1.0));
    }

  private:
    std::span<const Camera> cameras_;
    double per_radian_ = 0;
};

std::vector<std::size_t> greedy_order(std::size_t count, const Travel& travel) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = 1; i + 1 < count; ++i) {
        const auto nearest = std::min_element(
            order.begin() + static_cast<std::ptrdiff_t>(i), order.end(),
            [&](std::size_t a, std::size_t b) { return travel(order[i - 1], a) < travel(order[i - 1], b); });
        std::iter_swap(order.begin() + static_cast<std::ptrdiff_t>(i), nearest);
    }
    return order;
}

/// Reverses parts of an open path while that shortens it (2-opt); the start stays.
void shorten(std::vector<std::size_t>& order, const Travel& travel) {
    constexpr int most_rounds = 50;  // In practice fewer than ten are needed.
    bool improved = true;
    for (int round = 0; improved && round < most_rounds; ++round) {
        improved = false;
        for (std::size_t i = 1; i + 1 < order.size(); ++i) {
            for (std::size_t j = i + 1; j < order.size(); ++j) {
                double change = travel(order[i - 1], order[j]) - travel(order[i - 1], order[i]);
                if (j + 1 < order.size()) {
                    change += travel(order[i], order[j + 1]) - travel(order[j], order[j + 1]);
                }
                if (change < -1e-12) {
                    std::reverse(order.begin() + static_cast<std::ptrdiff_t>(i),
                                 order.begin() + static_cast<std::ptrdiff_t>(j) + 1);
                    improved = true;
                }
            }
        }
    }
}

/// Times of the cameras: the cumulative distances. Cameras with equal poses get a small interval, which
/// keeps the times strictly ascending.
std::vector<double> times_along(std::span<const std::size_t> order, const Travel& travel) {
    double total = 0;
    for (std::size_t i = 1; i < order.size(); ++i) {
        total += travel(order[i - 1], order[i]);
    }
    const double least = total > 0 ? 1e-3 * total / static_cast<double>(order.size()) : 1.0;
    std::vector<double> times{0};
    for (std::size_t i = 1; i < order.size(); ++i) {
        times.push_back(times.back() + std::max(least, travel(order[i - 1], order[i])));
    }
    return times;
}

/// Intrinsics interpolated between two cameras.
Camera interpolate_intrinsics(const Camera& a, const Camera& b, double t) {
    Camera out = a;
    out.fx = std::lerp(a.fx, b.fx, t);
    out.fy = std::lerp(a.fy, b.fy, t);
    out.cx = std::lerp(a.cx, b.cx, t);
    out.cy = std::lerp(a.cy, b.cy, t);
    return out;
}

}  // namespace

std::vector<std::size_t> near_order(std::span<const Camera> cameras) {
    const Travel travel(cameras);
    std::vector<std::size_t> order = greedy_order(cameras.size(), travel);
    shorten(order, travel);
    return order;
}

TimedOrder timed_order(std::span<const Camera> cameras) {
    TimedOrder timed{near_order(cameras), {}};
    if (!cameras.empty()) {
        timed.times = times_along(timed.order, Travel(cameras));
    }
    return timed;
}

std::vector<Camera> through_cameras(std::span<const Camera> cameras, int frames) {
    std::vector<Camera> path;
    if (cameras.empty() || frames <= 0) {
        return path;
    }
    if (cameras.size() == 1) {
        path.assign(static_cast<std::size_t>(frames), cameras.front());
        return path;
    }
    const TimedOrder timed = timed_order(cameras);
    std::vector<Eigen::Vector3d> positions;
    std::vector<Eigen::Quaterniond> turns;
    for (const std::size_t i : timed.order) {
        positions.push_back(cameras[i].position());
        turns.push_back(Eigen::Quaterniond(Eigen::Matrix3d(cameras[i].c2w.block<3, 3>(0, 0))).normalized());
    }
    const PositionSpline place(positions, timed.times, /*closed=*/false);
    const RotationSpline turn(turns, timed.times, /*closed=*/false);
    for (int frame = 0; frame < frames; ++frame) {
        const double time = frames > 1 ? timed.times.back() * frame / (frames - 1) : 0.0;
        const std::size_t i = segment_of(timed.times, time);
        path.push_back(
            interpolate_intrinsics(cameras[timed.order[i]], cameras[timed.order[i + 1]],
                                   (time - timed.times[i]) / (timed.times[i + 1] - timed.times[i])));
        path.back().c2w.block<3, 3>(0, 0) = turn.at(time).toRotationMatrix();
        path.back().c2w.block<3, 1>(0, 3) = place.at(time);
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
