#include "engine/scene/camera_inliers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <Eigen/Eigenvalues>

namespace lact {
namespace {

constexpr std::size_t least_cameras = 4;  ///< Of fewer, no majority says which one is wrong.
constexpr std::size_t share = 4;          ///< At most one in so many is outlying.
constexpr double far_factor = 8;
constexpr double turned_angle = 60 * radians_per_degree;
constexpr double turned_distance = 0.5;  ///< Of the median camera distance.
constexpr int rounds = 4;                ///< Of finding turned cameras and the common point in turn.

Eigen::Vector3d position_of(const Eigen::Matrix4d& pose) {
    return pose.block<3, 1>(0, 3);
}

Eigen::Vector3d mean_position(std::span<const Eigen::Matrix4d> c2w) {
    Eigen::Vector3d sum = Eigen::Vector3d::Zero();
    for (const auto& pose : c2w) {
        sum += pose.block<3, 1>(0, 3);
    }
    return sum / static_cast<double>(c2w.size());
}

/// The median; of an even number of values the upper one. `values` is not empty.
double median_of(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

Eigen::Vector3d median_position(std::span<const Eigen::Matrix4d> c2w) {
    Eigen::Vector3d median;
    for (Eigen::Index axis = 0; axis < 3; ++axis) {
        std::vector<double> values;
        for (const auto& pose : c2w) {
            values.push_back(pose(axis, 3));
        }
        median[axis] = median_of(std::move(values));
    }
    return median;
}

/// The projection across the optical axis of a pose.
Eigen::Matrix3d across(const Eigen::Matrix4d& pose) {
    const Eigen::Vector3d d = pose.block<3, 1>(0, 2).normalized();
    return Eigen::Matrix3d::Identity() - d * d.transpose();
}

/// meeting_of_axes() of all poses.
AxesMeeting meeting_of_all(std::span<const Eigen::Matrix4d> c2w) {
    AxesMeeting meeting;
    if (c2w.empty()) {
        meeting.rms_distance = std::numeric_limits<double>::infinity();
        return meeting;
    }
    // The squared distance of p to the line o + t d is |(I - d dᵀ)(p - o)|²; the sum over lines is minimal
    // where its gradient is zero. Positions relative to their mean keep distant scenes well conditioned.
    const Eigen::Vector3d center = mean_position(c2w);
    const auto count = static_cast<double>(c2w.size());
    Eigen::Matrix3d a = Eigen::Matrix3d::Zero();
    Eigen::Vector3d b = Eigen::Vector3d::Zero();
    for (const auto& pose : c2w) {
        const Eigen::Matrix3d projection = across(pose);
        a += projection / count;
        b += projection * (pose.block<3, 1>(0, 3) - center) / count;
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> eigen(a);
    const bool parallel =
        eigen.eigenvalues()[0] < 1e-7;  // The mean squared sine of the angles to the common axis.
    meeting.point = center;
    if (!parallel) {
        meeting.point += eigen.eigenvectors() * eigen.eigenvalues().cwiseInverse().asDiagonal() *
                         eigen.eigenvectors().transpose() * b;
    }
    double squares = 0;
    for (const auto& pose : c2w) {
        const Eigen::Vector3d offset = meeting.point - pose.block<3, 1>(0, 3);
        squares += (across(pose) * offset).squaredNorm() / count;
        meeting.mean_camera_distance += offset.norm() / count;
    }
    meeting.rms_distance = parallel ? std::numeric_limits<double>::infinity() : std::sqrt(squares);
    return meeting;
}

std::vector<Eigen::Matrix4d> without(std::span<const Eigen::Matrix4d> c2w,
                                     std::span<const OutlyingCamera> outlying) {
    std::vector<Eigen::Matrix4d> kept;
    kept.reserve(c2w.size());
    for (std::size_t i = 0; i < c2w.size(); ++i) {
        if (std::ranges::find(outlying, i, &OutlyingCamera::index) == outlying.end()) {
            kept.push_back(c2w[i]);
        }
    }
    return kept;
}

std::vector<OutlyingCamera> far_cameras(std::span<const Eigen::Matrix4d> c2w) {
    const Eigen::Vector3d middle = median_position(c2w);
    std::vector<double> distances;
    distances.reserve(c2w.size());
    for (const auto& pose : c2w) {
        distances.push_back((position_of(pose) - middle).norm());
    }
    const double median = median_of(distances);
    std::vector<OutlyingCamera> found;
    for (std::size_t i = 0; median > 0 && i < c2w.size(); ++i) {
        if (distances[i] > far_factor * median) {
            found.push_back({i, OutlyingCamera::Kind::far, distances[i], median});
        }
    }
    return found.size() * share > c2w.size() ? std::vector<OutlyingCamera>() : found;
}

/// The cameras whose axes pass `meeting` far away; `considered`: all but those that lie far.
std::vector<OutlyingCamera> turned_from(const AxesMeeting& meeting, std::span<const Eigen::Matrix4d> c2w,
                                        const std::vector<bool>& considered) {
    std::vector<double> distances;
    std::vector<double> angles;
    for (std::size_t i = 0; i < c2w.size(); ++i) {
        if (considered[i]) {
            const Eigen::Vector3d offset = meeting.point - position_of(c2w[i]);
            const double passes = (across(c2w[i]) * offset).norm();
            distances.push_back(offset.norm());
            angles.push_back(std::asin(std::clamp(passes / std::max(offset.norm(), 1e-300), 0.0, 1.0)));
        }
    }
    const double median_distance = median_of(distances);
    const double median_angle = median_of(angles);
    std::vector<OutlyingCamera> found;
    std::size_t at = 0;
    for (std::size_t i = 0; i < c2w.size(); ++i) {
        if (!considered[i]) {
            continue;
        }
        if (angles[at] > turned_angle &&
            distances[at] * std::sin(angles[at]) > turned_distance * median_distance) {
            found.push_back({i, OutlyingCamera::Kind::turned, angles[at] / radians_per_degree,
                             median_angle / radians_per_degree});
        }
        ++at;
    }
    return found;
}

/// Turned cameras of those that do not lie far. The common point and the inliers are found in turn, from all
/// cameras on, until the inliers stay the same.
std::vector<OutlyingCamera> turned_cameras(std::span<const Eigen::Matrix4d> c2w,
                                           const std::vector<OutlyingCamera>& far) {
    std::vector<bool> considered(c2w.size(), true);
    for (const OutlyingCamera& camera : far) {
        considered[camera.index] = false;
    }
    std::vector<OutlyingCamera> excluded = far;
    std::vector<OutlyingCamera> turned;
    for (int round = 0; round < rounds; ++round) {
        const AxesMeeting meeting = meeting_of_all(without(c2w, excluded));
        if (!std::isfinite(meeting.ratio())) {
            return {};
        }
        std::vector<OutlyingCamera> found = turned_from(meeting, c2w, considered);
        const bool settled =
            std::ranges::equal(found, turned, {}, &OutlyingCamera::index, &OutlyingCamera::index);
        turned = std::move(found);
        if (settled || (far.size() + turned.size()) * share > c2w.size()) {
            break;
        }
        excluded = far;
        excluded.insert(excluded.end(), turned.begin(), turned.end());
    }
    const bool few = (far.size() + turned.size()) * share <= c2w.size();
    return few && meeting_of_all(without(c2w, excluded)).ratio() < meeting_ratio_limit
               ? turned
               : std::vector<OutlyingCamera>();
}

}  // namespace

std::vector<OutlyingCamera> outlying_cameras(std::span<const Eigen::Matrix4d> c2w) {
    if (c2w.size() < least_cameras) {
        return {};
    }
    std::vector<OutlyingCamera> outlying = far_cameras(c2w);
    std::vector<OutlyingCamera> turned = turned_cameras(c2w, outlying);
    outlying.insert(outlying.end(), turned.begin(), turned.end());
    std::ranges::sort(outlying, {}, &OutlyingCamera::index);
    return outlying;
}

std::vector<Eigen::Matrix4d> inlying_poses(std::span<const Eigen::Matrix4d> c2w) {
    return without(c2w, outlying_cameras(c2w));
}

std::vector<Camera> inlying_cameras(std::span<const Camera> cameras) {
    std::vector<Eigen::Matrix4d> poses;
    poses.reserve(cameras.size());
    for (const Camera& camera : cameras) {
        poses.push_back(camera.c2w);
    }
    std::vector<Camera> kept(cameras.begin(), cameras.end());
    const std::vector<OutlyingCamera> outlying = outlying_cameras(poses);
    for (auto camera = outlying.rbegin(); camera != outlying.rend(); ++camera) {
        kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(camera->index));
    }
    return kept;
}

double AxesMeeting::ratio() const {
    return mean_camera_distance > 0 ? rms_distance / mean_camera_distance
                                    : std::numeric_limits<double>::infinity();
}

AxesMeeting meeting_of_axes(std::span<const Eigen::Matrix4d> c2w) {
    return meeting_of_all(inlying_poses(c2w));
}

}  // namespace lact
