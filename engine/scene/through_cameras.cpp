#include "engine/scene/camera_path.h"
#include "engine/scene/monotone_map.h"
#include "engine/scene/pose_spline.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <Eigen/Geometry>

namespace lact {
namespace {

/// How far a viewer travels and turns between cameras: metres, with half a turn worth the cameras' mean
/// distance from their centre, so that cameras on one spot are ordered by where they look.
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

/// Turns stretches of an open way around while that makes it shorter (2-opt); the start stays.
void shorten(std::vector<std::size_t>& order, const Travel& travel) {
    constexpr int most_rounds = 50;  // Each is cheap; in practice fewer than ten are needed.
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

/// Times of the cameras: the sum of the ways up to them. Cameras at one pose still get a moment each, which
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

/// Intrinsics between two cameras.
Camera between(const Camera& a, const Camera& b, double t) {
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
    TimedOrder way{near_order(cameras), {}};
    if (!cameras.empty()) {
        way.times = times_along(way.order, Travel(cameras));
    }
    return way;
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
    const TimedOrder way = timed_order(cameras);
    std::vector<Eigen::Vector3d> positions;
    std::vector<Eigen::Quaterniond> turns;
    for (const std::size_t i : way.order) {
        positions.push_back(cameras[i].position());
        turns.push_back(Eigen::Quaterniond(Eigen::Matrix3d(cameras[i].c2w.block<3, 3>(0, 0))).normalized());
    }
    const PositionSpline place(positions, way.times, /*closed=*/false);
    const RotationSpline turn(turns, way.times, /*closed=*/false);
    for (int frame = 0; frame < frames; ++frame) {
        const double time = frames > 1 ? way.times.back() * frame / (frames - 1) : 0.0;
        const std::size_t i = segment_of(way.times, time);
        path.push_back(between(cameras[way.order[i]], cameras[way.order[i + 1]],
                               (time - way.times[i]) / (way.times[i + 1] - way.times[i])));
        path.back().c2w.block<3, 3>(0, 0) = turn.at(time).toRotationMatrix();
        path.back().c2w.block<3, 1>(0, 3) = place.at(time);
    }
    return path;
}

}  // namespace lact
