#include "engine/scene/pose_spline.h"

#include "engine/scene/monotone_map.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lact {
namespace {

/// Centripetal knots for steps of these lengths. Zero steps get a small interval, which keeps the knots
/// distinct; a curve of zero steps only gets even knots.
std::vector<double> centripetal_knots(std::span<const double> steps) {
    double mean = 0;
    for (const double step : steps) {
        mean += std::sqrt(step) / static_cast<double>(steps.size());
    }
    std::vector<double> knots{0};
    for (const double step : steps) {
        knots.push_back(knots.back() + (mean > 0 ? std::max(std::sqrt(step), 1e-3 * mean) : 1.0));
    }
    return knots;
}

/// The values, with the first one repeated at the end of a closed curve.
template <class T>
std::vector<T> closed_up(std::span<const T> values, bool closed) {
    std::vector<T> out(values.begin(), values.end());
    if (closed && !values.empty()) {
        out.push_back(values.front());
    }
    return out;
}

/// Computes the knots, if there are none yet, and the Catmull-Rom tangents from the steps of the segments:
/// at a key the tangent of the parabola through it and its neighbours, at a free end with zero curvature.
std::vector<Eigen::Vector3d> finish_knots_and_tangents(std::vector<Eigen::Vector3d> steps,
                                                       std::vector<double>& knots, bool closed) {
    const std::size_t segments = steps.size();
    if (knots.empty()) {
        std::vector<double> sizes;
        for (const Eigen::Vector3d& step : steps) {
            sizes.push_back(step.norm());
        }
        knots = centripetal_knots(sizes);
    }
    for (std::size_t i = 0; i < segments; ++i) {
        steps[i] /= knots[i + 1] - knots[i];
    }
    const auto inner = [&](std::size_t before, std::size_t after) -> Eigen::Vector3d {
        const double h0 = knots[before + 1] - knots[before];
        const double h1 = knots[after + 1] - knots[after];
        return (h1 * steps[before] + h0 * steps[after]) / (h0 + h1);
    };
    std::vector<Eigen::Vector3d> tangents(segments + 1, Eigen::Vector3d::Zero());
    for (std::size_t i = 1; i < segments; ++i) {
        tangents[i] = inner(i - 1, i);
    }
    if (closed && segments > 0) {
        tangents.front() = tangents.back() = inner(segments - 1, 0);
    } else if (segments == 1) {
        tangents.front() = tangents.back() = steps[0];
    } else if (segments > 1) {
        tangents.front() = 1.5 * steps.front() - 0.5 * tangents[1];
        tangents.back() = 1.5 * steps.back() - 0.5 * tangents[segments - 1];
    }
    return tangents;
}

/// The location of u: its segment, the length of the segment and the fraction of it.
struct Place {
    std::size_t segment = 0;
    double length = 1;
    double t = 0;
};

Place place_of(std::span<const double> knots, double u) {
    const std::size_t i = segment_of(knots, u);
    const double length = knots[i + 1] - knots[i];
    return {i, length, std::clamp((u - knots[i]) / length, 0.0, 1.0)};
}

}  // namespace

Eigen::Vector3d rotation_vector(const Eigen::Quaterniond& turn) {
    const double sign = turn.w() < 0 ? -1.0 : 1.0;
    const Eigen::Vector3d axis = sign * turn.vec();
    const double sine = axis.norm();
    if (sine < 1e-12) {
        return 2 * axis;
    }
    return 2 * std::atan2(sine, sign * turn.w()) / sine * axis;
}

Eigen::Quaterniond exp_so3(const Eigen::Vector3d& rotation_vector) {
    const double half = 0.5 * rotation_vector.norm();
    // sin(x) / x, by its series near 0.
    const double ratio = half < 1e-6 ? 1 - half * half / 6 : std::sin(half) / half;
    Eigen::Quaterniond turn;
    turn.w() = std::cos(half);
    turn.vec() = 0.5 * ratio * rotation_vector;
    return turn;
}

PositionSpline::PositionSpline(std::span<const Eigen::Vector3d> positions, bool closed)
    : PositionSpline(positions, {}, closed) {}

PositionSpline::PositionSpline(std::span<const Eigen::Vector3d> positions, std::vector<double> knots,
                               bool closed)
    : points_(closed_up(positions, closed)), knots_(std::move(knots)) {
    std::vector<Eigen::Vector3d> slopes;
    for (std::size_t i = 1; i < points_.size(); ++i) {
        slopes.emplace_back(points_[i] - points_[i - 1]);
    }
    tangents_ = finish_knots_and_tangents(slopes, knots_, closed);
}

Eigen::Vector3d PositionSpline::at(double u) const {
    if (points_.size() == 1) {
        return points_.front();
    }
    const auto [i, h, t] = place_of(knots_, u);
    const Eigen::Vector3d rise = points_[i + 1] - points_[i];
    const Eigen::Vector3d from = h * tangents_[i];
    const Eigen::Vector3d to = h * tangents_[i + 1];
    if (t == 1) {
        return points_[i + 1];
    }
    return points_[i] + t * (from + t * (3 * rise - 2 * from - to + t * (from + to - 2 * rise)));
}

Eigen::Vector3d PositionSpline::derivative(double u) const {
    if (points_.size() == 1) {
        return Eigen::Vector3d::Zero();
    }
    const auto [i, h, t] = place_of(knots_, u);
    const Eigen::Vector3d rise = points_[i + 1] - points_[i];
    const Eigen::Vector3d from = h * tangents_[i];
    const Eigen::Vector3d to = h * tangents_[i + 1];
    return (from + t * (2 * (3 * rise - 2 * from - to) + 3 * t * (from + to - 2 * rise))) / h;
}

RotationSpline::RotationSpline(std::span<const Eigen::Quaterniond> rotations, bool closed)
    : RotationSpline(rotations, {}, closed) {}

RotationSpline::RotationSpline(std::span<const Eigen::Quaterniond> rotations, std::vector<double> knots,
                               bool closed)
    : turns_(closed_up(rotations, closed)), knots_(std::move(knots)) {
    std::vector<Eigen::Vector3d> slopes;
    for (std::size_t i = 1; i < turns_.size(); ++i) {
        slopes.push_back(rotation_vector(turns_[i - 1].conjugate() * turns_[i]));
    }
    velocities_ = finish_knots_and_tangents(slopes, knots_, closed);
}

Eigen::Quaterniond RotationSpline::at(double u) const {
    if (turns_.size() == 1) {
        return turns_.front();
    }
    const auto [i, h, t] = place_of(knots_, u);
    // The control rotations of the Bezier curve as increments: the first and last have the required angular
    // velocities, the middle one completes the rotation.
    const Eigen::Vector3d first = h / 3 * velocities_[i];
    const Eigen::Vector3d last = h / 3 * velocities_[i + 1];
    const Eigen::Vector3d middle =
        rotation_vector(exp_so3(-first) * turns_[i].conjugate() * turns_[i + 1] * exp_so3(-last));
    // Cumulative Bernstein polynomials.
    const double b1 = t * (3 + t * (t - 3));
    const double b2 = t * t * (3 - 2 * t);
    const double b3 = t * t * t;
    return (turns_[i] * exp_so3(b1 * first) * exp_so3(b2 * middle) * exp_so3(b3 * last)).normalized();
}

}  // namespace lact
