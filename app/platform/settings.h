#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace lact::app {

/// State that persists between runs of the program.
struct Settings {
    std::string theme = "dark";  ///< "dark" or "light"
    double ui_scale = 1;         ///< Factor on the scale of the monitor: 0.5 to 4.
    int window_width = 1280;
    int window_height = 800;
    std::string layout;                              ///< Dear ImGui's ini text; empty: the default layout.
    std::vector<std::string> recent;                 ///< Paths, newest first.
    bool tour_offered = false;                       ///< The tour was offered to the user.
    nlohmann::json last = nlohmann::json::object();  ///< Session of what was open last; empty: nothing.
    nlohmann::json parameters = nlohmann::json::object();  ///< Values of persistent parameters by id.
    nlohmann::json unknown = nlohmann::json::object();     ///< Keys of other versions, kept unchanged.
};

/// Settings, and notes about parts that could not be read.
struct LoadedSettings {
    Settings settings;
    std::vector<std::string> notes;  ///< One sentence each.
};

/// $XDG_CONFIG_HOME/lactscope, or ~/.config/lactscope. Error: neither XDG_CONFIG_HOME nor HOME is an absolute
/// path.
[[nodiscard]] Result<std::filesystem::path> settings_folder();

/// The folder of generated scenes: $XDG_CACHE_HOME/lactscope/generated, or ~/.cache/lactscope/generated.
/// Creates it where it is missing. Errors: neither XDG_CACHE_HOME nor HOME is an absolute path; it cannot be
/// created.
[[nodiscard]] Result<std::filesystem::path> generated_scenes_folder();

/// Reads settings.json of the folder; never fails. Without a file it returns the defaults. Renames a file
/// that is not a JSON object to settings.broken-N.json, and keeps a copy of a file of a newer version. A
/// value of the wrong kind becomes its default.
[[nodiscard]] LoadedSettings load_settings(const std::filesystem::path& folder);
/// Writes settings.json atomically. Creates the folder where it is missing.
[[nodiscard]] Result<void> save_settings(const std::filesystem::path& folder, const Settings& settings);
/// Removes them (`--reset`). No error where there are none.
[[nodiscard]] Result<void> reset_settings(const std::filesystem::path& folder);

/// Puts a path first in the list of recent ones, without duplicates, and limits the list to ten.
void remember_recent(std::vector<std::string>& recent, const std::filesystem::path& path);

}  // namespace lact::app
