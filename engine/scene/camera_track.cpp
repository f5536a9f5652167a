#include "engine/scene/camera_track.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <Eigen/LU>
#include <Eigen/SVD>
#include <fmt/format.h>

namespace lact {

namespace {

constexpr int grid_steps = 32;  ///< Samples of the arc length of one segment.

/// Logarithm of the focal length in image heights, and its inverse; angles in degrees.
double log_focal(double fov_y) {
    return -std::log(2 * std::tan(0.5 * fov_y * radians_per_degree));
}
double fov_of(double log_focal) {
    return 2 * std::atan(0.5 * std::exp(-log_focal)) / radians_per_degree;
}

Result<void> check_key(const CameraKey& key, const std::string& where) {
    if (!(std::abs(key.time) <= largest_track_time)) {
        return fail(where, fmt::format("has the time {}, seconds between -{:g} and {:g} were expected",
                                       key.time, largest_track_time, largest_track_time));
    }
    if (!(key.pose.fov_y >= least_fov_y && key.pose.fov_y <= largest_fov_y)) {
        return fail(where, fmt::format("has the vertical field of view {}, {} to {} degrees were expected",
                                       key.pose.fov_y, least_fov_y, largest_fov_y));
    }
    const Eigen::Matrix4d& c2w = key.pose.c2w;
    const Eigen::Matrix3d turn = c2w.block<3, 3>(0, 0);
    const double error = (turn.transpose() * turn - Eigen::Matrix3d::Identity()).cwiseAbs().maxCoeff();
    if (!(error < 1e-6) || turn.determinant() < 0 || !(c2w.block<3, 1>(0, 3).cwiseAbs().maxCoeff() <= 1e9) ||
        !((c2w.row(3) - Eigen::RowVector4d(0, 0, 0, 1)).cwiseAbs().maxCoeff() < 1e-4)) {
        return fail(where, "has a pose that is not rigid: a rotation and a finite position were expected",
                    "Scaled, sheared or mirrored cameras cannot be used.");
    }
    return {};
}

/// The arc length from a to b, the integral of |derivative|: Gauss-Legendre with five points.
double arc_length(const PositionSpline& curve, double a, double b) {
    constexpr std::array<double, 3> nodes{0.0, 0.5384693101056831, 0.9061798459386640};
    constexpr std::array<double, 3> weights{0.5688888888888889, 0.4786286704993665, 0.2369268850561891};
    const double middle = 0.5 * (a + b);
    const double half = 0.5 * (b - a);
    double sum = weights[0] * curve.derivative(middle).norm();
    for (std::size_t i = 1; i < nodes.size(); ++i) {
        sum += weights[i] * (curve.derivative(middle - half * nodes[i]).norm() +
                             curve.derivative(middle + half * nodes[i]).norm());
    }
    return half * sum;
}

/// The parameter in [a, b] at which the arc length from a is `requested`: Newton's method within a shrinking
/// bracket.
double parameter_at(const PositionSpline& curve, double a, double b, double requested) {
    double low = a;
    double high = b;
    double u = 0.5 * (a + b);
    for (int round = 0; round < 60; ++round) {
        const double excess = arc_length(curve, a, u) - requested;
        (excess > 0 ? high : low) = u;
        const double speed = curve.derivative(u).norm();
        double next = speed > 0 ? u - excess / speed : low;
        if (!(next > low && next < high)) {
            next = 0.5 * (low + high);
        }
        if (std::abs(next - u) <= 1e-15 * (std::abs(u) + b - a)) {
            return next;
        }
        u = next;
    }
    return u;
}

/// The distance that half a turn counts as, where the camera only turns: the mean distance of the keys from
/// their centre.
double length_of_half_turn(const std::vector<TrackPose>& poses) {
    Eigen::Vector3d center = Eigen::Vector3d::Zero();
    const auto count = static_cast<double>(poses.size());
    for (const TrackPose& pose : poses) {
        center += pose.c2w.block<3, 1>(0, 3) / count;
    }
    double spread = 0;
    for (const TrackPose& pose : poses) {
        spread += (pose.c2w.block<3, 1>(0, 3) - center).norm() / count;
    }
    return spread > 1e-9 ? spread : 1.0;
}

}  // namespace

Camera camera_of(const TrackPose& pose, Size size) {
    const double focal = 0.5 * size.height / std::tan(0.5 * pose.fov_y * radians_per_degree);
    return {size.width, size.height, focal, focal, size.width / 2.0, size.height / 2.0, pose.c2w};
}

TrackPose track_pose_of(const Camera& camera) {
    TrackPose pose{camera.c2w, 2 * std::atan(0.5 * camera.height / camera.fy) / radians_per_degree};
    // A camera with the least or the largest angle gives it back only up to rounding.
    for (const double end : {least_fov_y, largest_fov_y}) {
        if (std::abs(pose.fov_y - end) < 1e-9) {
            pose.fov_y = end;
        }
    }
    // Poses of scene files may deviate slightly from a rotation; take the nearest rotation.
    auto turn = pose.c2w.block<3, 3>(0, 0);
    if ((turn.transpose() * turn - Eigen::Matrix3d::Identity()).cwiseAbs().maxCoeff() > 1e-12) {
        const Eigen::JacobiSVD<Eigen::Matrix3d> svd(turn, Eigen::ComputeFullU | Eigen::ComputeFullV);
        turn = (svd.matrixU() * svd.matrixV().transpose()).eval();
    }
    return pose;
}

Result<void> check_track(const CameraTrack& track) {
    if (track.keys.empty()) {
        return fail("camera track", "has no keys", "Add a key at the current camera first.");
    }
    if (track.keys.size() > most_track_keys) {
        return fail("camera track",
                    fmt::format("has {} keys, at most {} are allowed", track.keys.size(), most_track_keys));
    }
    for (std::size_t i = 0; i < track.keys.size(); ++i) {
        const std::string where = fmt::format("camera track: key {}", i + 1);
        LACT_CHECK(check_key(track.keys[i], where));
        if (i > 0 && !(track.keys[i].time - track.keys[i - 1].time >= least_key_distance)) {
            return fail(where,
                        fmt::format("is at {} s, but the key before it is at {} s", track.keys[i].time,
                                    track.keys[i - 1].time),
                        fmt::format("Keys need ascending times, at least {} s apart.", least_key_distance));
        }
    }
    if (track.loop &&
        !(track.loop_seconds >= least_key_distance && track.loop_seconds <= largest_track_time)) {
        return fail("camera track", fmt::format("takes {} s from the last key back to the first, {} to {:g} "
                                                "were expected",
                                                track.loop_seconds, least_key_distance, largest_track_time));
    }
    return {};
}

Result<TrackEvaluator> TrackEvaluator::make(const CameraTrack& track) {
    LACT_CHECK(check_track(track));
    TrackEvaluator out;
    out.loop_ = track.loop && track.keys.size() > 1;
    std::vector<Eigen::Vector3d> positions;
    std::vector<Eigen::Quaterniond> rotations;
    std::vector<Easing> easings;
    for (const CameraKey& key : track.keys) {
        out.times_.push_back(key.time);
        out.poses_.push_back(key.pose);
        easings.push_back(key.easing);
        positions.emplace_back(key.pose.c2w.block<3, 1>(0, 3));
        rotations.push_back(Eigen::Quaterniond(Eigen::Matrix3d(key.pose.c2w.block<3, 3>(0, 0))).normalized());
    }
    out.positions_ = PositionSpline(positions, out.loop_);
    out.rotations_ = RotationSpline(rotations, out.loop_);
    if (out.loop_) {
        out.times_.push_back(out.times_.back() + track.loop_seconds);
        out.poses_.push_back(out.poses_.front());
    }
    if (out.times_.size() == 1) {
        return out;
    }
    out.measure(track, easings);
    std::vector<double> zooms;
    for (const TrackPose& pose : out.poses_) {
        zooms.push_back(log_focal(pose.fov_y));
    }
    out.place_ = MonotoneMap(out.times_, out.positions_.knots(), easings, out.loop_);
    out.turn_ = MonotoneMap(out.times_, out.rotations_.knots(), easings, out.loop_);
    out.zoom_ = MonotoneMap(out.times_, zooms, easings, out.loop_);
    return out;
}

/// Measures the arc length and, for constant speed, computes the times of the keys.
void TrackEvaluator::measure(const CameraTrack& track, std::vector<Easing>& easings) {
    const std::vector<double>& knots = positions_.knots();
    parameters_ = {knots.front()};
    lengths_ = {0};
    std::vector<double> segment_lengths;
    for (std::size_t i = 0; i + 1 < knots.size(); ++i) {
        const double before = lengths_.back();
        for (int step = 1; step <= grid_steps; ++step) {
            const double u = step == grid_steps
                                 ? knots[i + 1]
                                 : std::lerp(knots[i], knots[i + 1], static_cast<double>(step) / grid_steps);
            lengths_.push_back(lengths_.back() + arc_length(positions_, parameters_.back(), u));
            parameters_.push_back(u);
        }
        segment_lengths.push_back(lengths_.back() - before);
    }
    constant_speed_ = track.constant_speed;
    if (!constant_speed_) {
        return;
    }
    // A segment that only turns or zooms takes time in proportion to its angle, and never none.
    const double per_radian = length_of_half_turn(poses_) / std::numbers::pi;
    const double longest = *std::max_element(segment_lengths.begin(), segment_lengths.end());
    double total = 0;
    for (std::size_t i = 0; i < segment_lengths.size(); ++i) {
        moves_.push_back(segment_lengths[i] > 1e-6 * longest && segment_lengths[i] > 1e-12);
        if (!moves_[i]) {
            const Eigen::Matrix3d turn =
                poses_[i].c2w.block<3, 3>(0, 0).transpose() * poses_[i + 1].c2w.block<3, 3>(0, 0);
            segment_lengths[i] = per_radian * Eigen::AngleAxisd(turn).angle();
        }
        total += segment_lengths[i];
    }
    const double least = total > 0 ? 1e-6 * total : 1.0;
    total = 0;
    for (double& segment : segment_lengths) {
        segment = std::max(segment, least);
        total += segment;
    }
    const double seconds = duration();
    double passed = 0;
    for (std::size_t i = 0; i + 1 < segment_lengths.size(); ++i) {
        passed += segment_lengths[i];
        times_[i + 1] = times_.front() + seconds * (passed / total);
    }
    easings.clear();
}

double TrackEvaluator::length() const {
    return lengths_.empty() ? 0 : lengths_.back();
}

double TrackEvaluator::place_at(double seconds) const {
    if (!constant_speed_) {
        return place_(seconds);
    }
    const std::size_t i = segment_of(times_, seconds);
    const double t = std::clamp((seconds - times_[i]) / (times_[i + 1] - times_[i]), 0.0, 1.0);
    const std::vector<double>& knots = positions_.knots();
    if (t == 0 || t == 1 || !moves_[i]) {
        return std::lerp(knots[i], knots[i + 1], t);
    }
    const std::size_t first = i * grid_steps;
    const double requested = std::lerp(lengths_[first], lengths_[first + grid_steps], t);
    const auto begin = lengths_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto above = std::upper_bound(begin, begin + grid_steps, requested);
    const auto piece =
        std::max<std::size_t>(static_cast<std::size_t>(above - lengths_.begin()), first + 1) - 1;
    return parameter_at(positions_, parameters_[piece], parameters_[piece + 1], requested - lengths_[piece]);
}

TrackPose TrackEvaluator::at(double seconds) const {
    if (times_.size() == 1) {
        return poses_.front();
    }
    double time = std::isnan(seconds) ? start() : seconds;
    if (loop_ && !(time >= start() && time <= times_.back())) {
        time = std::isfinite(time) ? std::fmod(time - start(), duration()) : 0.0;
        time = start() + (time < 0 ? time + duration() : time);
    }
    time = std::clamp(time, times_.front(), times_.back());
    // Exact poses at the keys, without rounding through a quaternion.
    const std::size_t i = segment_of(times_, time);
    for (const std::size_t key : {i, i + 1}) {
        if (time == times_[key]) {
            return poses_[key];
        }
    }
    TrackPose pose;
    pose.c2w.block<3, 3>(0, 0) = rotations_.at(turn_(time)).toRotationMatrix();
    pose.c2w.block<3, 1>(0, 3) = positions_.at(place_at(time));
    pose.fov_y = fov_of(zoom_(time));
    return pose;
}

std::vector<Camera> video_cameras(const TrackEvaluator& track, int frames, Size size) {
    const bool closed = track.closed();
    std::vector<Camera> cameras;
    for (int i = 0; i < frames; ++i) {
        const int steps = closed ? frames : std::max(frames - 1, 1);
        cameras.push_back(track.at(track.start() + track.duration() * i / steps, size));
    }
    return cameras;
}

}  // namespace lact
