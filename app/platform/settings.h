#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace lact::app {

/// What the program remembers between runs.
struct Settings {
    std::string theme = "dark";  ///< "dark" or "light"
    double ui_scale = 1;         ///< Factor on top of the monitor's: 0.5 to 4.
    int window_width = 1280;
    int window_height = 800;
    std::string layout;               ///< Dear ImGui's ini text; empty: the default layout.
    std::vector<std::string> recent;  ///< Paths, newest first.
    bool tour_offered = false;        ///< The person has been offered the tour.
    nlohmann::json parameters = nlohmann::json::object();  ///< Values by id, of those that are remembered.
    nlohmann::json unknown = nlohmann::json::object();     ///< Keys of other versions, kept as they are.
};

/// Settings and, where not all could be read, what was done about it.
struct LoadedSettings {
    Settings settings;
    std::vector<std::string> notes;  ///< One sentence each.
};

/// $XDG_CONFIG_HOME/lactscope, or ~/.config/lactscope. Error: neither XDG_CONFIG_HOME nor HOME is an absolute
/// path.
[[nodiscard]] Result<std::filesystem::path> settings_folder();

/// Where generated scenes are kept: $XDG_CACHE_HOME/lactscope/generated, or ~/.cache/lactscope/generated;
/// made where it is missing. Error: it cannot be made.
[[nodiscard]] Result<std::filesystem::path> generated_scenes_folder();

/// Reads settings.json of the folder; never fails. No file: the defaults. A file that is no JSON object is
/// renamed to settings.broken-N.json, and of a newer version's a copy is kept, so that nothing a person wrote
/// is lost. A value of the wrong kind becomes its default.
[[nodiscard]] LoadedSettings load_settings(const std::filesystem::path& folder);
/// Writes settings.json atomically, making the folder where it is missing.
[[nodiscard]] Result<void> save_settings(const std::filesystem::path& folder, const Settings& settings);
/// Forgets them (`--reset`). No error where there are none.
[[nodiscard]] Result<void> reset_settings(const std::filesystem::path& folder);

/// Puts a path first in the list of recent ones, once, and keeps ten.
void remember_recent(std::vector<std::string>& recent, const std::filesystem::path& path);

}  // namespace lact::app
