#pragma once

#include "engine/session/matrix.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace lact::app {

/// Numbers as a panel shows them. `columns` names them where they are a table; else they are a matrix.
struct DataTable {
    NamedMatrix numbers;
    std::vector<std::string> columns;
};
using PanelData = std::vector<DataTable>;

/// A table of `columns.size()` columns from values row after row.
[[nodiscard]] DataTable make_table(std::string name, std::vector<std::string> columns,
                                   const std::vector<double>& values);
/// A matrix with `columns` columns.
[[nodiscard]] DataTable make_matrix(std::string name, int columns, const std::vector<double>& values);

/// Writes them as CSV (a file a table: NAME.csv, or NAME.TABLE.csv where there are several; what made them in
/// lines that begin with #) or as safetensors (one file), by the path's extension. Returns the files. Errors:
/// another extension, no data, a file that cannot be written.
[[nodiscard]] Result<std::vector<std::filesystem::path>> write_panel_data(
    const std::filesystem::path& path, const PanelData& data,
    const std::map<std::string, std::string>& about);

}  // namespace lact::app
