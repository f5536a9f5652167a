#pragma once

#include "engine/core/error.h"
#include "engine/experiment/report.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace lact::app {

/// All of a report but the pixels of its images, of which it has name, title and size. Keys keep their order.
/// Infinities are the texts "inf" and "-inf", NaN is null.
[[nodiscard]] nlohmann::ordered_json to_json(const ExperimentReport& report, std::string_view program);

/// A header line and a line for each row; numbers with all their digits, NaN as an empty cell. Cells with a
/// comma, a quotation mark or a line break are quoted.
[[nodiscard]] std::string to_csv(const ExperimentTable& table);

/// Four significant digits; "-" for NaN; texts as they are.
[[nodiscard]] std::string cell_text(const ExperimentCell& cell);
/// "Agrees with the paper."
[[nodiscard]] std::string sentence_of(const ExperimentReport& report);

/// "Agrees if: ..."; empty where a report has no condition.
[[nodiscard]] std::string condition_of(const ExperimentReport& report);

/// Writes `report.json`, `NAME.csv` for each table, `plot-NAME.svg` and `plot-NAME.png` for each plot, and
/// `image-NAME.png` for each image; images carry `program` and the settings of the report. Makes the folder;
/// replaces files of these names, each atomically, and removes those that the report.json of an earlier
/// report names and this one does not have; any other file stays. Returns the files. Errors: a folder or file
/// that cannot be written.
[[nodiscard]] Result<std::vector<std::filesystem::path>> write_experiment(
    const ExperimentReport& report, std::string_view program, const std::filesystem::path& folder);

}  // namespace lact::app
