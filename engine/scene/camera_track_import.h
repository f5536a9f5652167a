#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera_track.h"
#include "engine/scene/similarity.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace lact {

/// Whose camera path a file is.
enum class TrackFormat { lactscope, instant_ngp, nerfstudio };
[[nodiscard]] std::string_view to_string(TrackFormat format);  ///< "lactscope", "instant-ngp", "nerfstudio"

/// What other programs' files do not say about the world that their paths stand in.
struct TrackImportOptions {
    /// The scene's transforms.json, for instant-ngp's "scale" and "offset" (without it 0.33 and 0.5, its
    /// defaults) and for nerfstudio's "applied_transform" and "applied_scale".
    std::filesystem::path scene_file;
    /// nerfstudio's dataparser_transforms.json, which stands beside the trained model's config.yml: how it
    /// turned, centred and scaled the scene. Without it paths are taken to stand in the world of
    /// transforms.json, and a note says so.
    std::filesystem::path dataparser_transforms;
    /// From the world of the scene's file (with OpenCV axes for cameras, as read_scene() gives it) to the one
    /// the program shows, see similarity_between().
    Similarity file_to_world;
    /// Between keys of files that have no times.
    double seconds_a_key = 1;
};

struct TrackImport {
    CameraTrack track;
    TrackFormat format = TrackFormat::lactscope;
    std::vector<std::string> notes;  ///< What was assumed or left out, one sentence each.
};

/// Whether a JSON value has the fields of a camera path of any known format; it may still be broken.
[[nodiscard]] bool is_camera_track(const nlohmann::json& json);

/// Reads a camera path of any known format; the file's fields say which it is.
///
/// instant-ngp ("path": keys with quaternion R (x y z w), position T, vertical angle of view in degrees): its
/// cameras have OpenCV axes as ours; its world is the scene's times "scale" plus "offset" with axes cycled,
/// (x, y, z) -> (y, z, x). Its splines of order 2 and 3 pass beside the keys, ours through them: a note says
/// so. "timestamp" is when a key's segment ends; files without it get even times.
///
/// nerfstudio ("keyframes" with a flattened 4x4 "matrix", vertical angle of view in degrees and transition
/// times; the row-major lists of the viser viewer, or the column-major texts of the older three.js viewer; or
/// only "camera_path", the finished frames at "fps"): cameras have OpenGL axes (y and z are turned here).
///
/// Our own files are returned as they are; `options` do not touch them.
///
/// Errors name the file and field: unreadable, too large, unknown format, spherical cameras, bad numbers,
/// those of check_track().
[[nodiscard]] Result<TrackImport> import_camera_track(const std::filesystem::path& path,
                                                      const TrackImportOptions& options = {});

}  // namespace lact
