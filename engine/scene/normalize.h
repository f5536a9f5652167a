#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera.h"
#include "engine/scene/camera_inliers.h"
#include "engine/scene/scene_files.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// Normalisation of the poses of a scene for the model.
enum class Normalization { automatic, none, mean_pose, object };

[[nodiscard]] Result<Normalization> parse_normalization(
    std::string_view text);  ///< "auto|none|mean-pose|object"
[[nodiscard]] std::string_view to_string(Normalization normalization);

/// `normalize_with_mean_pose` of LaCT: transforms poses to the frame of the mean camera (mean position, mean
/// z, mean y, re-orthogonalised) and divides by the largest absolute camera coordinate. If the axes of the
/// cameras cancel, those of the first camera replace the mean; cameras at one position are not scaled.
/// Outlying cameras (camera_inliers.h) are transformed with the others, but neither move nor scale them.
[[nodiscard]] std::vector<Eigen::Matrix4d> normalize_mean_pose(std::span<const Eigen::Matrix4d> c2w);

/// Moves the common point (for parallel axes, the mean position) to the origin, rotates the up direction to
/// +z, and scales the mean camera distance to `radius`. The up direction is the mean up axis of the cameras;
/// where these cancel, as for cameras straight above, it is the direction against their view or the median.
/// Outlying cameras are transformed with the others, but do not take part in these means.
[[nodiscard]] std::vector<Eigen::Matrix4d> normalize_object(std::span<const Eigen::Matrix4d> c2w,
                                                            double radius);

/// The normalisation that applies to this scene, and the reason as a sentence.
struct NormalizationChoice {
    Normalization normalization = Normalization::none;  ///< Never `automatic`.
    std::string reason;
};
/// `automatic`: for LaCT JSON none if the scene was generated (generated.json) or its cameras look at the
/// origin (their axes meet there within 5 % of the mean camera distance), otherwise mean_pose, as the
/// released code does for scenes. For other formats object if meeting_of_axes().ratio() < 0.3 and at least
/// half of the cameras look towards that point (the axes of a panorama meet behind its cameras); otherwise
/// mean_pose. Outlying cameras have no say.
[[nodiscard]] NormalizationChoice choose_normalization(const SceneFiles& scene, Normalization requested);

/// The normalised camera-to-world poses of all views. `radius`: mean camera distance of the training (2.66
/// if unknown), used by Normalization::object only.
[[nodiscard]] std::vector<Eigen::Matrix4d> normalized_poses(const SceneFiles& scene,
                                                            Normalization normalization, double radius);
/// Replaces the poses of a scene by normalized_poses().
void normalize(SceneFiles& scene, Normalization normalization, double radius);

}  // namespace lact
