#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera.h"
#include "engine/scene/json_field.h"

#include <filesystem>
#include <string>

#include <Eigen/Core>
#include <nlohmann/json_fwd.hpp>

namespace lact {

/// Width or height of an image, from 1 to 65536 pixels. Renderers multiply sizes by a percentage and draw the
/// pixels that are whole: 633.6 is 633, and 440.00000000000006 is 440.
[[nodiscard]] Result<int> read_side(const JsonField& field);
/// A focal length in pixels, for an image with the larger side `side`: from 0.01 to 1000 times `side`.
[[nodiscard]] Result<double> read_focal_length(const JsonField& field, int side);
/// A coordinate of the principal point in pixels: at most ten times `side` outside the image (crops may
/// leave it far outside).
[[nodiscard]] Result<double> read_principal_point(const JsonField& field, int side);
/// A rigid transform as 4 rows, or the first 3, of 4 numbers: orthonormal within 1 %, without mirroring,
/// last row 0 0 0 1.
[[nodiscard]] Result<Eigen::Matrix4d> read_pose(const JsonField& field);
/// A transform as read_pose() reads it: 4 rows of 4 numbers.
[[nodiscard]] nlohmann::json pose_rows(const Eigen::Matrix4d& pose);

/// Direction of the transform that a scene file states for a camera.
enum class PoseKind { camera_to_world, world_to_camera };
/// A camera pose, and whether its axes had to be normalised.
struct RigidPose {
    Eigen::Matrix4d c2w = Eigen::Matrix4d::Identity();
    bool rescaled = false;  ///< The axes were orthogonal, but not of length 1.
};
/// Whether axes are orthonormal within 1 % and right-handed, as those of all poses are that are read here.
[[nodiscard]] bool is_rigid(const Eigen::Matrix3d& axes);
/// The pose of a transform as in read_pose(). Axes that are orthogonal within 1 % and not of length 1 are
/// normalised; the position of the camera stays. Errors name `where`: numbers that are not finite, another
/// last row, a position beyond 1e9, sheared axes, axes without length, a reflection.
[[nodiscard]] Result<RigidPose> rigid_pose(const Eigen::Matrix4d& transform, PoseKind kind,
                                           const std::string& where);
/// rigid_pose() of a field of 4 rows, or the first 3, of 4 numbers.
[[nodiscard]] Result<RigidPose> read_rigid_pose(const JsonField& field, PoseKind kind);

inline constexpr int largest_side = 65536;  ///< Limit of width and height of an image, in pixels.
/// Checks focal lengths and principal point of a camera from a file that is not JSON, with the same limits.
[[nodiscard]] Result<void> check_intrinsics(const Camera& camera, const std::string& where);
/// Checks that the position is finite and its coordinates are at most 1e9.
[[nodiscard]] Result<void> check_position(const Eigen::Matrix4d& c2w, const std::string& where);

/// The axes of the cameras in a scene file of the NeRF family.
enum class CameraAxes {
    opengl,   ///< x right, y up, z backward: where the file says nothing else.
    mitsuba,  ///< x left, y up, z forward: "from_mitsuba" of instant-ngp.
    opencv,   ///< x right, y down, z forward: "from_na" of NeuS2.
};
[[nodiscard]] CameraAxes camera_axes(const JsonField& top);

/// Resolves a path relative to the folder of the scene file; absolute paths and ".." are allowed.
[[nodiscard]] std::filesystem::path resolve(const std::filesystem::path& folder, const std::string& text);
/// Whether the path is a regular file; never throws.
[[nodiscard]] bool is_file(const std::filesystem::path& path);
/// Whether the name ends in .json, in any case.
[[nodiscard]] bool has_json_extension(const std::filesystem::path& path);

}  // namespace lact
