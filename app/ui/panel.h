#pragma once

#include "app/gfx/canvas.h"
#include "app/ui/key_map.h"
#include "app/ui/theme.h"
#include "engine/session/matrix.h"

#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace lact::app {

/// Where a panel is docked by default; panels of one slot are tabs, the first registered in front.
enum class DockSlot { left, centre, below, right };

/// What a panel draws with. It gives no access to the rest of the program.
struct PanelContext {
    gfx::Canvas& canvas;
    const Fonts& fonts;
    const Palette& colours;
    const KeyMap& keys;    ///< Of the user's keyboard.
    float scale = 1;       ///< Pixels per point. Code gives sizes in points times this.
    bool animate = false;  ///< Set to draw the next frame at once, without waiting for an event.
    /// Seconds until the next frame if no event occurs. A panel only lowers it.
    float again_in = std::numeric_limits<float>::infinity();
};

/// A docked part of the window. The shell calls `draw` inside ImGui::Begin / End while the panel is visible.
struct Panel {
    std::string title;      ///< Also its identity in stored layouts.
    const char* icon = "";  ///< A glyph of lact::app::icon.
    DockSlot slot = DockSlot::left;
    std::function<void(PanelContext&)> draw;
    bool opens = true;                ///< Part of the default layout.
    bool open = true;                 ///< Now.
    bool edge_to_edge = false;        ///< No padding, for images.
    std::function<void()> menu = {};  ///< Items of the context menu of its tab.
    bool seen = false;                ///< Visible in the last frame; the shell sets it.
};

/// The numbers that a panel shows: a table if `columns` names its columns, else a matrix.
struct DataTable {
    NamedMatrix numbers;
    std::vector<std::string> columns;
    std::map<std::string, std::string> about;  ///< What it is of, beside layer and head: camera, patch, ...
    /// Whether it is of the open scene, weights and rule. Otherwise `about` says all of what it is.
    bool of_open_state = true;
};
using PanelData = std::vector<DataTable>;

/// Makes a table with `columns.size()` columns from row-major values.
[[nodiscard]] DataTable make_table(std::string name, std::vector<std::string> columns,
                                   const std::vector<double>& values);
/// Makes a matrix with `columns` columns from row-major values.
[[nodiscard]] DataTable make_matrix(std::string name, int columns, const std::vector<double>& values);

/// The files that write_panel_data() writes: NAME.TABLE.csv for each of several tables as CSV, all of
/// different names; otherwise `path`.
[[nodiscard]] std::vector<std::filesystem::path> panel_data_files(const std::filesystem::path& path,
                                                                  const PanelData& data);

/// Writes `data` as CSV or safetensors, by the path's extension. CSV: one file per table, with `about` and
/// that of the table as lines that begin with #. Safetensors: one file, with `about` as metadata; that of a
/// table is under KEY.TABLE. Returns the files. Errors: another extension, no data, a file that cannot be
/// written.
[[nodiscard]] Result<std::vector<std::filesystem::path>> write_panel_data(
    const std::filesystem::path& path, const PanelData& data,
    const std::map<std::string, std::string>& about);

}  // namespace lact::app
