#pragma once

#include "app/video/frame_sink.h"
#include "engine/core/error.h"

#include <filesystem>
#include <map>
#include <string>

namespace lact::app {

/// What a picture or film says about how it was made: the texts of a PNG, or the fields of an MP4's or
/// GIF's comment as this program writes them. Errors: unreadable, damaged, another kind of file; nothing in
/// it is no error.
[[nodiscard]] Result<std::map<std::string, std::string>> read_provenance(const std::filesystem::path& path);

/// What films carry as their comment: the options' provenance as one JSON object, keys in the given order.
/// `ascii`: other characters are written as \u escapes, for containers whose comments are plain ASCII.
[[nodiscard]] std::string provenance_json(const FrameSinkOptions& options, bool ascii = false);

}  // namespace lact::app
