#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <map>
#include <string>

namespace lact::app {

/// What a picture or film says about how it was made: the texts of a PNG, or the fields of an MP4's or
/// GIF's comment as this program writes them. Errors: unreadable, damaged, another kind of file; nothing in
/// it is no error.
[[nodiscard]] Result<std::map<std::string, std::string>> read_provenance(const std::filesystem::path& path);

}  // namespace lact::app
