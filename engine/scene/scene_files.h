#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera.h"
#include "engine/scene/lens.h"
#include "engine/scene/remark.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lact {

/// One photo of a scene as the scene file describes it. The image itself is not decoded.
struct SceneView {
    std::filesystem::path image;                ///< Absolute, or relative to the current folder; exists.
    std::optional<std::filesystem::path> mask;  ///< Grey image, white = keep; composed over white.
    Camera camera;              ///< At the photo's full size, after undistortion; OpenCV axes.
    LensDistortion distortion;  ///< Of the photo file; none for a pinhole.
    bool test = false;          ///< Reserved for testing by the files: not chosen as an input by default.
    /// The EXIF orientation by which the stored pixels of the photo are turned to those of the camera; 1:
    /// none.
    int orientation = 1;
    /// The camera does not fit the others (camera_inliers.h): by default neither an input nor a held-out
    /// view.
    bool outlying = false;
    /// The mask marks what is left out: black is kept (dynamic_mask_NAME.png of instant-ngp).
    bool mask_hides = false;
};

/// The contents of the files of a scene: photos with known cameras, in the order of the scene file.
struct SceneFiles {
    std::filesystem::path folder;
    std::string name;    ///< The folder's name.
    std::string format;  ///< "lact-json", "transforms-json" or "colmap".
    std::vector<SceneView> views;
    std::vector<SceneRemark> remarks;  ///< What was skipped, corrected or assumed.
};

/// Reads a scene folder, or the file in it, of any known format, without decoding images. Errors name the
/// file and the field: not a scene (lists the formats looked for), no poses, missing image, invalid
/// intrinsics or pose.
[[nodiscard]] Result<SceneFiles> read_scene(const std::filesystem::path& path);

}  // namespace lact
