#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/scene/camera.h"
#include "engine/scene/lens.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lact {

/// One photo of a scene as its file describes it; the picture itself is not loaded yet.
struct SceneView {
    std::filesystem::path image;                ///< Absolute, or relative to the current folder; exists.
    std::optional<std::filesystem::path> mask;  ///< Grey picture, white = keep; composed over white.
    Camera camera;              ///< At the photo's full size, after undistortion; OpenCV axes.
    LensDistortion distortion;  ///< Of the photo file; none for a pinhole.
    bool test = false;          ///< The scene's files keep it for testing: not chosen as an input by itself.
};

/// A set of photos with known cameras, in the order of the scene file.
struct Scene {
    std::filesystem::path folder;
    std::string name;    ///< The folder's name.
    std::string format;  ///< "lact-json", "transforms-json" or "colmap".
    std::vector<SceneView> views;
    std::vector<std::string> warnings;  ///< What was skipped or guessed, one sentence each.
};

/// Reads a scene folder, or the JSON file in it, in whichever known format it is. Pictures are not decoded.
/// Errors: not a scene (lists the formats looked for), no poses, missing picture, absurd intrinsics or pose:
/// each names the file and the field.
[[nodiscard]] Result<Scene> read_scene(const std::filesystem::path& path);

}  // namespace lact
