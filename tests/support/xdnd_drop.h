#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lact::test {

/// Drops files on the one window that accepts drops, as a file manager does (XDND, version 5), over a
/// connection of its own to the X server that DISPLAY names. Waits until the window has taken them, so
/// another thread must run the window. Returns why it could not; empty: they were taken.
[[nodiscard]] std::string drop_files(const std::vector<std::filesystem::path>& files);

}  // namespace lact::test
