#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera_track.h"
#include "engine/scene/json_field.h"

#include <filesystem>

#include <nlohmann/json_fwd.hpp>

namespace lact {

/// Camera tracks as JSON: `{"format": "lactscope-camera-track", "version": 1, "loop", "loop_seconds",
/// "constant_speed", "keys": [{"time", "fov_y_degrees", "easing", "c2w": 4 rows of 4}]}`. Poses have OpenCV
/// axes and lie in the world of the scene as the program shows it. Numbers are written so that they read
/// back exactly. Unknown fields are ignored.
inline constexpr const char* camera_track_format = "lactscope-camera-track";
inline constexpr int camera_track_version = 1;
inline constexpr std::uintmax_t largest_track_file = 16ULL << 20;  ///< In bytes; also for imported files.

[[nodiscard]] nlohmann::json to_json(const CameraTrack& track);
/// Parses a track. Errors name the field: another format, a newer version, a missing field, those of
/// check_track().
[[nodiscard]] Result<CameraTrack> camera_track_from(const JsonField& json);

/// Reads a track from a file. Errors: unreadable, too large, invalid JSON, those of camera_track_from().
[[nodiscard]] Result<CameraTrack> read_camera_track(const std::filesystem::path& path);
/// Writes a track atomically (write_file_atomically). Errors: those of check_track() and of writing.
[[nodiscard]] Result<void> write_camera_track(const std::filesystem::path& path, const CameraTrack& track);

/// parse_json_file() for files of at most largest_track_file bytes.
[[nodiscard]] Result<nlohmann::json> parse_track_file(const std::filesystem::path& path);

}  // namespace lact
