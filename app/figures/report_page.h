#pragma once

#include "engine/core/error.h"
#include "engine/experiment/report.h"

#include <string>
#include <utility>
#include <vector>

namespace lact::app {

/// An experiment of a page: its report, or why there is none.
struct ReportEntry {
    std::string title;
    ExperimentReport report;
    std::string problem;  ///< Empty: `report` is there.
};

/// What a page of reports is made of.
struct ReportPage {
    std::string title;
    std::string program;  ///< "LaCT Scope 0.1.0"
    /// What all experiments share: scene, weights, rule, precision, device, ….
    std::vector<std::pair<std::string, std::string>> settings;
    std::vector<ReportEntry> entries;
};

/// One HTML page that needs no other file: a summary, then of each experiment what the paper says, what was
/// measured, tables, plots (SVG), images (PNG) and settings. It carries no date, so two runs with the same
/// figures give the same page. Errors: an image cannot be encoded.
[[nodiscard]] Result<std::string> report_html(const ReportPage& page);

}  // namespace lact::app
