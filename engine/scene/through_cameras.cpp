#include "engine/scene/camera_path.h"

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

/// The cameras in order, with their times, as a curve.
struct Way {
    std::vector<Camera> cameras;
    std::vector<Eigen::Quaterniond> turns;
    std::vector<double> times;

    /// Catmull-Rom tangent for unevenly spaced times: that of the parabola through a camera and its
    /// neighbours.
    [[nodiscard]] Eigen::Vector3d velocity(std::size_t i) const {
        const auto slope = [this](std::size_t a) -> Eigen::Vector3d {
            return (cameras[a + 1].position() - cameras[a].position()) / (times[a + 1] - times[a]);
        };
        if (i == 0) {
            return slope(0);
        }
        if (i + 1 == cameras.size()) {
            return slope(i - 1);
        }
        const double before = times[i] - times[i - 1];
        const double after = times[i + 1] - times[i];
        return (after * slope(i - 1) + before * slope(i)) / (before + after);
    }

    [[nodiscard]] Camera at(double time) const {
        const auto upper = std::upper_bound(times.begin(), times.end(), time);
        const auto next =
            std::clamp<std::size_t>(static_cast<std::size_t>(upper - times.begin()), 1, times.size() - 1);
        const Camera& a = cameras[next - 1];
        const Camera& b = cameras[next];
        const double span = times[next] - times[next - 1];
        const double t = std::clamp((time - times[next - 1]) / span, 0.0, 1.0);
        const double t2 = t * t;
        const double t3 = t2 * t;
        Camera out = a;
        out.c2w.block<3, 1>(0, 3) = (2 * t3 - 3 * t2 + 1) * a.position() + (3 * t2 - 2 * t3) * b.position() +
                                    (t3 - 2 * t2 + t) * span * velocity(next - 1) +
                                    (t3 - t2) * span * velocity(next);
        // Eigen's slerp takes the shorter way round.
        out.c2w.block<3, 3>(0, 0) = turns[next - 1].slerp(t, turns[next]).normalized().toRotationMatrix();
        out.fx = std::lerp(a.fx, b.fx, t);
        out.fy = std::lerp(a.fy, b.fy, t);
        out.cx = std::lerp(a.cx, b.cx, t);
        out.cy = std::lerp(a.cy, b.cy, t);
        return out;
    }
};

Way way_through(std::span<const Camera> cameras) {
    const Travel travel(cameras);
    const std::vector<std::size_t> order = near_order(cameras);
    Way way;
    way.times = times_along(order, travel);
    for (const std::size_t i : order) {
        way.cameras.push_back(cameras[i]);
        way.turns.push_back(
            Eigen::Quaterniond(Eigen::Matrix3d(cameras[i].c2w.block<3, 3>(0, 0))).normalized());
    }
    return way;
}

}  // namespace

std::vector<std::size_t> near_order(std::span<const Camera> cameras) {
    const Travel travel(cameras);
    std::vector<std::size_t> order = greedy_order(cameras.size(), travel);
    shorten(order, travel);
    return order;
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
    const Way way = way_through(cameras);
    for (int i = 0; i < frames; ++i) {
        path.push_back(way.at(frames > 1 ? way.times.back() * i / (frames - 1) : 0.0));
    }
    return path;
}

}  // namespace lact
