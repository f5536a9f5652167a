#include "engine/scene/normalize.h"

#include "engine/scene/camera_fields.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include <Eigen/Geometry>
#include <fmt/format.h>

namespace lact {
namespace {

constexpr double nothing = 1e-9;  ///< A mean of unit vectors shorter than this has no direction.
/// Up axes of cameras whose mean is shorter than this cancel: cameras that look down from all sides.
constexpr double cancelled_up = 0.05;

constexpr std::array<std::pair<std::string_view, Normalization>, 4> normalization_names{
    {{"auto", Normalization::automatic},
     {"none", Normalization::none},
     {"mean-pose", Normalization::mean_pose},
     {"object", Normalization::object}}};

/// Mean of column `column` (0 to 2: an axis, 3: the position) over the poses.
Eigen::Vector3d mean_column(std::span<const Eigen::Matrix4d> c2w, int column) {
    Eigen::Vector3d sum = Eigen::Vector3d::Zero();
    for (const auto& pose : c2w) {
        sum += pose.block<3, 1>(0, column);
    }
    return sum / static_cast<double>(c2w.size());
}

/// Mean direction of a camera axis; that of the first camera if the mean vanishes.
Eigen::Vector3d mean_axis(std::span<const Eigen::Matrix4d> c2w, int column) {
    const Eigen::Vector3d mean = mean_column(c2w, column);
    return mean.norm() > nothing ? mean.normalized() : c2w.front().block<3, 1>(0, column).normalized();
}

/// The fraction of cameras that look towards `point`.
double share_in_front(std::span<const Eigen::Matrix4d> c2w, const Eigen::Vector3d& point) {
    std::size_t count = 0;
    for (const auto& pose : c2w) {
        count += (point - pose.block<3, 1>(0, 3)).dot(pose.block<3, 1>(0, 2)) > 0 ? 1U : 0U;
    }
    return static_cast<double>(count) / static_cast<double>(c2w.size());
}

/// The median of each coordinate of a camera axis, as a direction; nothing if it vanishes.
std::optional<Eigen::Vector3d> median_axis(std::span<const Eigen::Matrix4d> c2w, int column) {
    Eigen::Vector3d median;
    for (Eigen::Index row = 0; row < 3; ++row) {
        std::vector<double> values;
        for (const auto& pose : c2w) {
            values.push_back(pose(row, column));
        }
        const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
        std::ranges::nth_element(values, middle);
        median[row] = *middle;
    }
    return median.norm() > cancelled_up ? std::optional<Eigen::Vector3d>(median.normalized()) : std::nullopt;
}

/// The up direction of a scene, which no file states: the mean up axis of the cameras. Where the axes cancel,
/// cameras that look down on an object have "up" against their viewing direction; otherwise the median
/// counts.
Eigen::Vector3d up_direction(std::span<const Eigen::Matrix4d> c2w) {
    // OpenCV's y axis points down.
    if (mean_column(c2w, 1).norm() >= cancelled_up || c2w.size() < 2) {
        return -mean_axis(c2w, 1);
    }
    constexpr double agreeing = 0.5;
    if (mean_column(c2w, 2).norm() >= agreeing) {
        return -mean_axis(c2w, 2);
    }
    const auto down = median_axis(c2w, 1);
    return down ? Eigen::Vector3d(-*down) : Eigen::Vector3d(-mean_axis(c2w, 1));
}

std::vector<Eigen::Matrix4d> poses_of(const SceneFiles& scene) {
    std::vector<Eigen::Matrix4d> poses;
    poses.reserve(scene.views.size());
    for (const SceneView& view : scene.views) {
        poses.push_back(view.camera.c2w);
    }
    return poses;
}

/// The choice for LaCT's own files: those of objects hold poses as the model was trained with them, those of
/// scenes are normalised by the released code.
NormalizationChoice choose_for_lact(const SceneFiles& scene, std::span<const Eigen::Matrix4d> poses,
                                    const AxesMeeting& meeting) {
    if (is_file(scene.folder / "generated.json")) {
        return {Normalization::none, "A generated scene holds poses as the model was trained with them."};
    }
    constexpr double at_origin = 0.05;  // Of the mean camera distance.
    if (meeting.ratio() < meeting_ratio_limit &&
        meeting.point.norm() <= at_origin * meeting.mean_camera_distance &&
        share_in_front(inlying_poses(poses), meeting.point) >= 0.5) {
        return {Normalization::none,
                "The cameras of the LaCT scene file look at the origin: an object, whose poses are as the "
                "model was trained with them."};
    }
    return {Normalization::mean_pose,
            "The cameras of the LaCT scene file do not look at the origin: an unbounded scene, as which the "
            "released code normalises it."};
}

NormalizationChoice choose_automatically(const SceneFiles& scene) {
    const std::vector<Eigen::Matrix4d> poses = poses_of(scene);
    if (poses.empty()) {
        return {Normalization::none, "The scene has no cameras."};
    }
    const AxesMeeting meeting = meeting_of_axes(poses);
    if (scene.format == "lact-json") {
        return choose_for_lact(scene, poses, meeting);
    }
    if (!std::isfinite(meeting.ratio())) {
        return {Normalization::mean_pose, "The optical axes are parallel and meet nowhere."};
    }
    const std::string observed =
        fmt::format("The optical axes pass their nearest common point at {:.3f} of the mean camera distance",
                    meeting.ratio());
    if (meeting.ratio() >= meeting_ratio_limit) {
        return {Normalization::mean_pose, fmt::format("{}, not below {}.", observed, meeting_ratio_limit)};
    }
    const double in_front = share_in_front(inlying_poses(poses), meeting.point);
    if (in_front < 0.5) {
        return {Normalization::mean_pose, fmt::format("{}, but only {:.0f} % of the cameras look towards it.",
                                                      observed, 100 * in_front)};
    }
    return {Normalization::object, fmt::format("{}, below {}.", observed, meeting_ratio_limit)};
}

}  // namespace

Result<Normalization> parse_normalization(std::string_view text) {
    for (const auto& [name, value] : normalization_names) {
        if (name == text) {
            return value;
        }
    }
    return fail("normalization", fmt::format("'{}' is not one of auto, none, mean-pose, object", text));
}

std::string_view to_string(Normalization normalization) {
    for (const auto& [name, value] : normalization_names) {
        if (value == normalization) {
            return name;
        }
    }
    return "auto";
}

std::vector<Eigen::Matrix4d> normalize_mean_pose(std::span<const Eigen::Matrix4d> c2w) {
    std::vector<Eigen::Matrix4d> out(c2w.begin(), c2w.end());
    if (c2w.empty()) {
        return out;
    }
    const std::vector<Eigen::Matrix4d> inliers = inlying_poses(c2w);
    const Eigen::Vector3d forward = mean_axis(inliers, 2);
    Eigen::Vector3d right = mean_axis(inliers, 1).cross(forward);
    if (right.norm() <= nothing) {
        right = forward.unitOrthogonal();
    }
    right.normalize();
    Eigen::Isometry3d mean_pose = Eigen::Isometry3d::Identity();
    mean_pose.linear().col(0) = right;
    mean_pose.linear().col(1) = forward.cross(right).normalized();
    mean_pose.linear().col(2) = forward;
    mean_pose.translation() = mean_column(inliers, 3);
    const Eigen::Matrix4d world_to_mean = mean_pose.inverse().matrix();
    double largest = 0;
    for (const auto& pose : inliers) {
        const Eigen::Matrix4d there = world_to_mean * pose;
        largest = std::max(largest, there.block<3, 1>(0, 3).cwiseAbs().maxCoeff());
    }
    for (auto& pose : out) {
        pose = world_to_mean * pose;
    }
    if (largest > 0) {
        for (auto& pose : out) {
            pose.block<3, 1>(0, 3) /= largest;
        }
    }
    return out;
}

std::vector<Eigen::Matrix4d> normalize_object(std::span<const Eigen::Matrix4d> c2w, double radius) {
    std::vector<Eigen::Matrix4d> out(c2w.begin(), c2w.end());
    if (c2w.empty()) {
        return out;
    }
    const AxesMeeting meeting = meeting_of_axes(c2w);
    const double scale = meeting.mean_camera_distance > 0 ? radius / meeting.mean_camera_distance : 1.0;
    const Eigen::Vector3d up = up_direction(inlying_poses(c2w));
    const Eigen::Matrix3d turn =
        Eigen::Quaterniond::FromTwoVectors(up, Eigen::Vector3d::UnitZ()).toRotationMatrix();
    for (auto& pose : out) {
        pose.block<3, 3>(0, 0) = turn * pose.block<3, 3>(0, 0);
        pose.block<3, 1>(0, 3) = scale * (turn * (pose.block<3, 1>(0, 3) - meeting.point));
    }
    return out;
}

NormalizationChoice choose_normalization(const SceneFiles& scene, Normalization requested) {
    if (requested == Normalization::automatic) {
        return choose_automatically(scene);
    }
    return {requested, "It was requested."};
}

std::vector<Eigen::Matrix4d> normalized_poses(const SceneFiles& scene, Normalization normalization,
                                              double radius) {
    if (normalization == Normalization::automatic) {
        normalization = choose_normalization(scene, normalization).normalization;
    }
    std::vector<Eigen::Matrix4d> poses = poses_of(scene);
    if (normalization == Normalization::none) {
        return poses;
    }
    return normalization == Normalization::object ? normalize_object(poses, radius)
                                                  : normalize_mean_pose(poses);
}

void normalize(SceneFiles& scene, Normalization normalization, double radius) {
    const auto normalized = normalized_poses(scene, normalization, radius);
    for (std::size_t i = 0; i < normalized.size(); ++i) {
        scene.views[i].camera.c2w = normalized[i];
    }
}

}  // namespace lact
