#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera.h"
#include "engine/scene/json_field.h"

#include <filesystem>
#include <string>

#include <Eigen/Core>

namespace lact {

/// Width or height of a picture: a whole number from 1 to 65536 (also written as 270.0).
[[nodiscard]] Result<int> read_side(const JsonField& field);
/// A focal length in pixels for a picture whose larger side is `side`: a hundredth to a thousand times that.
[[nodiscard]] Result<double> read_focal_length(const JsonField& field, int side);
/// A coordinate of the principal point: within ten times `side` of the picture (crops may leave it far
/// outside).
[[nodiscard]] Result<double> read_principal_point(const JsonField& field, int side);
/// A rigid transform as 4 rows, or the first 3, of 4 numbers: orthonormal within 1 %, not mirrored, last row
/// 0 0 0 1.
[[nodiscard]] Result<Eigen::Matrix4d> read_pose(const JsonField& field);

inline constexpr int largest_side = 65536;  ///< Of a picture, in pixels.
/// The same limits for cameras of files that are not JSON: focal lengths and principal point for the size.
[[nodiscard]] Result<void> check_intrinsics(const Camera& camera, const std::string& where);
/// A finite position that is not absurdly far away.
[[nodiscard]] Result<void> check_position(const Eigen::Matrix4d& c2w, const std::string& where);

/// A path relative to the folder of the scene file; absolute ones and ".." are fine.
[[nodiscard]] std::filesystem::path resolve(const std::filesystem::path& folder, const std::string& text);
/// Whether the path is a file that could be read; never throws.
[[nodiscard]] bool is_file(const std::filesystem::path& path);
/// Whether the name ends in .json, in any case.
[[nodiscard]] bool has_json_extension(const std::filesystem::path& path);

}  // namespace lact
