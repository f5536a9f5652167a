#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera.h"
#include "engine/scene/scene.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// What is done to the poses of a scene before the model sees them.
enum class Normalization { automatic, none, mean_pose, object };

[[nodiscard]] Result<Normalization> parse_normalization(
    std::string_view text);  ///< "auto|none|mean-pose|object"
[[nodiscard]] std::string_view to_string(Normalization normalization);

/// `normalize_with_mean_pose` of LaCT: into the frame of the mean camera (mean position, mean z, mean y,
/// re-orthogonalised), divided by the largest absolute camera coordinate. Where the cameras' axes cancel out,
/// those of the first camera stand for the mean; cameras that all stand in one point are not scaled.
[[nodiscard]] std::vector<Eigen::Matrix4d> normalize_mean_pose(std::span<const Eigen::Matrix4d> c2w);

/// The point nearest to all optical axes in the least-squares sense, and how nearly they meet there.
struct AxesMeeting {
    Eigen::Vector3d point = Eigen::Vector3d::Zero();
    double rms_distance = 0;             ///< Of the axes to `point`.
    double mean_camera_distance = 0;     ///< Of the cameras to `point`.
    [[nodiscard]] double ratio() const;  ///< rms / mean distance; infinite where the axes are parallel.
};
[[nodiscard]] AxesMeeting meeting_of_axes(std::span<const Eigen::Matrix4d> c2w);

/// Common point (for parallel axes: the mean position) to the origin, mean up direction to +z, mean camera
/// distance to `radius`.
[[nodiscard]] std::vector<Eigen::Matrix4d> normalize_object(std::span<const Eigen::Matrix4d> c2w,
                                                            double radius);

/// Which normalization `wanted` means for this scene, and a sentence that says why.
struct NormalizationChoice {
    Normalization normalization = Normalization::none;  ///< Never `automatic`.
    std::string reason;
};
/// `automatic`: none for LaCT JSON; object where meeting_of_axes().ratio() < 0.3 and at least half of the
/// cameras look towards that point (the axes of a panorama meet behind its cameras); else mean_pose.
[[nodiscard]] NormalizationChoice choose_normalization(const Scene& scene, Normalization requested);

/// Replaces the poses of a scene. `radius`: mean camera distance that the weights were trained with (2.66 if
/// unknown).
void normalize(Scene& scene, Normalization normalization, double radius);

}  // namespace lact
