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

/// Programs whose camera paths are read.
enum class TrackFormat { lactscope, instant_ngp, nerfstudio };
[[nodiscard]] std::string_view to_string(TrackFormat format);  ///< "lactscope", "instant-ngp", "nerfstudio"

/// Information about the world of a path that files of other programs lack.
struct TrackImportOptions {
    /// transforms.json of the scene, for "scale" and "offset" of instant-ngp (0.33 and 0.5 by default) or
    /// its "aabb", and for "applied_transform" and "applied_scale" of nerfstudio.
    std::filesystem::path scene_file;
    /// dataparser_transforms.json of nerfstudio, beside the trained model's config.yml: its rotation,
    /// centring and scaling of the scene. Without it, poses are interpreted in the world of transforms.json,
    /// and a note says so.
    std::filesystem::path dataparser_transforms;
    /// From the world of the scene file (OpenCV camera axes, as read_scene() returns it) to the world that
    /// the program shows; see similarity_between().
    Similarity file_to_world;
    /// Time between keys if the file has no times.
    double seconds_a_key = 1;
};

struct TrackImport {
    CameraTrack track;
    TrackFormat format = TrackFormat::lactscope;
    std::vector<std::string> notes;  ///< Assumptions and omissions, one sentence each.
};

/// Whether a JSON value has the fields of a camera path of any known format; it may still be invalid.
[[nodiscard]] bool is_camera_track(const nlohmann::json& json);

/// Reads a camera path of any known format, recognised by its fields.
///
/// instant-ngp ("path": keys with quaternion R (x y z w), position T, vertical field of view in degrees):
/// cameras have OpenCV axes; its world is the world of the scene times "scale" plus "offset" with permuted
/// axes, (x, y, z) -> (y, z, x), which NeuS2 ("from_na") does not permute. Its splines of order 2 and 3 do
/// not pass through the keys, those of this program do: a note says so. "timestamp" is the end of a key's
/// segment; files without it get equal intervals.
///
/// nerfstudio ("keyframes" with a flattened 4x4 "matrix", vertical field of view in degrees and transition
/// times; the row-major lists of the viser viewer or the column-major strings of the older three.js viewer;
/// or only "camera_path", the finished frames at "fps"): cameras have OpenGL axes (y and z are negated
/// here).
///
/// Files of this program are returned unchanged; `options` do not apply.
///
/// Errors name the file and the field: unreadable, too large, unknown format, spherical cameras, invalid
/// numbers, those of check_track().
[[nodiscard]] Result<TrackImport> import_camera_track(const std::filesystem::path& path,
                                                      const TrackImportOptions& options = {});

}  // namespace lact
