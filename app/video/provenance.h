#pragma once

#include "app/video/frame_sink.h"
#include "engine/core/error.h"

#include <filesystem>
#include <map>
#include <string>

namespace lact::app {

/// Reads the provenance of an image or video: the texts of a PNG, or the fields of the comment that this
/// program writes to an MP4 or GIF; empty where there is none. Errors: unreadable, damaged, another kind of
/// file; an MP4 in a build without LACT_VIDEO.
[[nodiscard]] Result<std::map<std::string, std::string>> read_provenance(const std::filesystem::path& path);

/// Whether the name is that of an image or video that may carry a provenance: .png, .gif or .mp4, in any
/// case.
[[nodiscard]] bool may_carry_provenance(const std::filesystem::path& path);

/// The comment of videos: the provenance of the options as one JSON object, keys in the given order. `ascii`:
/// writes other characters as \u escapes, for containers with ASCII comments.
[[nodiscard]] std::string provenance_json(const FrameSinkOptions& options, bool ascii = false);

}  // namespace lact::app
