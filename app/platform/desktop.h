#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <string>

namespace lact::app {

/// Shows the folder of a file, or a folder, in the file manager of the desktop (xdg-open), which runs on by
/// itself. `search_path`: where xdg-open is looked for. Errors: the folder is not there; the desktop has no
/// xdg-open.
[[nodiscard]] Result<void> show_in_file_manager(const std::filesystem::path& path,
                                                const std::string& search_path);

}  // namespace lact::app
