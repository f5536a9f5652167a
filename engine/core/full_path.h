#pragma once

#include <filesystem>

namespace lact {

/// The absolute path without "..", links and a slash at its end, also of "." and "scene/". Where the system
/// cannot follow it (a name that is too long, a folder without permission, a loop of links), it is made from
/// the text alone. Empty for an empty path only.
[[nodiscard]] std::filesystem::path full_path(const std::filesystem::path& path);

/// Whether a file or folder lies in a folder, or is it, by the text of their paths alone.
[[nodiscard]] bool lies_in(const std::filesystem::path& file, const std::filesystem::path& folder);

}  // namespace lact
