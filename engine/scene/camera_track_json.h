#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera_track.h"
#include "engine/scene/json_field.h"

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

namespace lact {

/// Camera tracks as JSON: `{"format": "lactscope-camera-track", "version": 1, "loop", "loop_seconds",
/// "constant_speed", "keys": [{"time", "fov_y_degrees", "easing", "c2w": 4 rows of 4}]}`. Poses have OpenCV
/// axes and stand in the world of the scene as the program shows it. Numbers are written so that they read
/// back the same to the last bit; unknown fields are ignored.
inline constexpr const char* camera_track_format = "lactscope-camera-track";
inline constexpr int camera_track_version = 1;
inline constexpr std::uintmax_t largest_track_file = 16ULL << 20;  ///< Bytes; of imported files, too.

[[nodiscard]] nlohmann::json to_json(const CameraTrack& track);
/// Errors name the field: no such format, a newer version, a missing field, and those of check_track().
[[nodiscard]] Result<CameraTrack> camera_track_from(const JsonField& json);

/// A file of it. Errors: unreadable, too large, no JSON, and those above.
[[nodiscard]] Result<CameraTrack> read_camera_track(const std::filesystem::path& path);
/// Written whole or not at all (write_file_atomically). Refuses tracks that could not be read again.
[[nodiscard]] Result<void> write_camera_track(const std::filesystem::path& path, const CameraTrack& track);

/// parse_json_file() for files of at most largest_track_file bytes.
[[nodiscard]] Result<nlohmann::json> parse_track_file(const std::filesystem::path& path);

}  // namespace lact
