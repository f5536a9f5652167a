#include "app/figures/experiment_files.h"

#include "app/figures/experiment_plot.h"
#include "engine/core/files.h"
#include "engine/core/text_file.h"
#include "engine/scene/image.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace lact::app {

namespace {

using Json = nlohmann::ordered_json;

Json number_json(double value) {
    if (std::isnan(value)) {
        return nullptr;
    }
    return std::isinf(value) ? Json(value > 0 ? "inf" : "-inf") : Json(value);
}

Json numbers_json(const std::vector<double>& values) {
    Json all = Json::array();
    for (const double value : values) {
        all.push_back(number_json(value));
    }
    return all;
}

Json settings_json(const ExperimentReport& report) {
    Json settings = Json::object();
    for (const auto& [name, value] : report.settings) {
        settings[name] = value;
    }
    return settings;
}

Json table_json(const ExperimentTable& table) {
    Json rows = Json::array();
    for (const auto& row : table.rows) {
        Json cells = Json::array();
        for (const ExperimentCell& cell : row) {
            const auto* text = std::get_if<std::string>(&cell);
            cells.push_back(text != nullptr ? Json(*text) : number_json(std::get<double>(cell)));
        }
        rows.push_back(std::move(cells));
    }
    return {{"name", table.name}, {"columns", table.columns}, {"rows", std::move(rows)}};
}

const char* name_of(PlotKind kind) {
    switch (kind) {
        case PlotKind::lines:
            return "lines";
        case PlotKind::points:
            return "points";
        case PlotKind::bars:
            break;
    }
    return "bars";
}

Json plot_json(const ExperimentPlot& plot) {
    Json series = Json::array();
    for (const ExperimentSeries& one : plot.series) {
        Json entry = {{"name", one.name}, {"x", numbers_json(one.x)}, {"y", numbers_json(one.y)}};
        if (!one.tokens.empty()) {
            Json tokens = Json::array();
            for (const ExperimentToken& token : one.tokens) {
                tokens.push_back({token.view, token.column, token.row});
            }
            entry["tokens"] = std::move(tokens);
        }
        series.push_back(std::move(entry));
    }
    Json json = {{"name", plot.name},       {"title", plot.title},     {"kind", name_of(plot.kind)},
                 {"x_label", plot.x_label}, {"y_label", plot.y_label}, {"x_logarithmic", plot.x_logarithmic}};
    if (!plot.ticks.empty()) {
        json["ticks"] = plot.ticks;
    }
    json["series"] = std::move(series);
    return json;
}

/// Letters, digits, dots, dashes and underscores; every other character becomes a dash.
std::string file_part(std::string name) {
    for (char& c : name) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_';
        c = plain ? c : '-';
    }
    return name;
}

std::string csv_cell(const ExperimentCell& cell) {
    if (const auto* number = std::get_if<double>(&cell)) {
        return std::isnan(*number) ? std::string() : fmt::format("{}", *number);
    }
    const std::string& text = std::get<std::string>(cell);
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    }
    return quoted + '"';
}

/// Writes files into one folder, and remembers them.
class FolderWriter {
  public:
    explicit FolderWriter(std::filesystem::path folder) : folder_(std::move(folder)) {}

    Result<void> write(const std::string& name, const std::string& bytes) {
        files_.push_back(folder_ / name);
        return write_file_atomically(files_.back(), bytes);
    }
    [[nodiscard]] const std::vector<std::filesystem::path>& written() const { return files_; }
    [[nodiscard]] std::vector<std::filesystem::path> files() && { return std::move(files_); }

  private:
    std::filesystem::path folder_;
    std::vector<std::filesystem::path> files_;
};

std::string table_file(const std::string& name) {
    return file_part(name) + ".csv";
}

/// Without its ending.
std::string plot_file(const std::string& name) {
    return "plot-" + file_part(name);
}

std::string image_file(const std::string& name) {
    return "image-" + file_part(name) + ".png";
}

/// The names in one list of a stored report; none where it is not as this program writes it.
std::vector<std::string> names_in(const nlohmann::json& report, const char* list) {
    std::vector<std::string> names;
    const auto found = report.find(list);
    if (found == report.end() || !found->is_array()) {
        return names;
    }
    for (const nlohmann::json& one : *found) {
        const auto name = one.is_object() ? one.find("name") : one.end();
        if (name != one.end() && name->is_string()) {
            names.push_back(name->get<std::string>());
        }
    }
    return names;
}

/// The files that the report in a folder says it has beside itself. None where no report of an experiment is
/// there.
std::vector<std::filesystem::path> files_of_stored_report(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    const auto report = parse_json_file(folder / "report.json");
    if (!report || !report->is_object() || !report->contains("experiment")) {
        return files;
    }
    for (const std::string& name : names_in(*report, "tables")) {
        files.push_back(folder / table_file(name));
    }
    for (const std::string& name : names_in(*report, "plots")) {
        files.push_back(folder / (plot_file(name) + ".svg"));
        files.push_back(folder / (plot_file(name) + ".png"));
    }
    for (const std::string& name : names_in(*report, "images")) {
        files.push_back(folder / image_file(name));
    }
    return files;
}

/// Removes the files of an earlier report that the new one has not replaced. All others stay.
Result<void> remove_replaced(const std::vector<std::filesystem::path>& earlier,
                             const std::vector<std::filesystem::path>& written) {
    for (const std::filesystem::path& file : earlier) {
        std::error_code problem;
        if (std::ranges::find(written, file) != written.end() ||
            !std::filesystem::is_regular_file(std::filesystem::symlink_status(file, problem))) {
            continue;
        }
        std::filesystem::remove(file, problem);
        if (problem) {
            return fail(file.string(), "is of an earlier report and cannot be removed: " + problem.message(),
                        "Choose another folder.");
        }
    }
    return {};
}

}  // namespace

nlohmann::ordered_json to_json(const ExperimentReport& report, std::string_view program) {
    Json json = {{"experiment", report.id},
                 {"title", report.title},
                 {"program", program},
                 {"claim", report.claim},
                 {"finding", report.finding},
                 {"condition", report.condition},
                 {"judges", report.judges},
                 {"not_judged", report.not_judged},
                 {"own_statement", report.own_statement},
                 {"agreement", to_string(report.agreement)},
                 {"finished", report.finished},
                 {"fraction", report.fraction},
                 {"settings", settings_json(report)},
                 {"remarks", report.remarks}};
    json["tables"] = Json::array();
    for (const ExperimentTable& table : report.tables) {
        json["tables"].push_back(table_json(table));
    }
    json["plots"] = Json::array();
    for (const ExperimentPlot& plot : report.plots) {
        json["plots"].push_back(plot_json(plot));
    }
    json["images"] = Json::array();
    for (const ExperimentImage& one : report.images) {
        json["images"].push_back({{"name", one.name},
                                  {"title", one.title},
                                  {"width", one.image.width},
                                  {"height", one.image.height}});
    }
    return json;
}

std::string to_csv(const ExperimentTable& table) {
    std::string csv;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        csv += i > 0 ? "," : "";
        csv += csv_cell(table.columns[i]);
    }
    csv += '\n';
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            csv += i > 0 ? "," : "";
            csv += csv_cell(row[i]);
        }
        csv += '\n';
    }
    return csv;
}

std::string cell_text(const ExperimentCell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) {
        return *text;
    }
    const double number = std::get<double>(cell);
    return std::isnan(number) ? std::string("-") : fmt::format("{:.4g}", number);
}

std::string sentence_of(const ExperimentReport& report) {
    if (report.agreement == Agreement::open) {
        return "Not decided.";
    }
    const bool agrees = report.agreement == Agreement::agrees;
    if (!report.own_statement.empty()) {
        return fmt::format("{} {}.", report.own_statement, agrees ? "holds" : "does not hold");
    }
    return fmt::format("{} with the paper{}.{}", agrees ? "Agrees" : "Disagrees",
                       report.judges.empty() ? "" : " on " + report.judges,
                       report.not_judged.empty() ? "" : " Not judged: " + report.not_judged + ".");
}

std::string condition_of(const ExperimentReport& report) {
    return report.condition.empty()
               ? std::string()
               : (report.own_statement.empty() ? "Agrees if: " : "Holds if: ") + report.condition;
}

Result<std::vector<std::filesystem::path>> write_experiment(const ExperimentReport& report,
                                                            std::string_view program,
                                                            const std::filesystem::path& folder) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) {
        return fail(folder.string(), "cannot be created: " + problem.message(), "Choose another folder.");
    }
    const Json about = {{"program", program}, {"experiment", report.id}, {"settings", settings_json(report)}};
    const std::vector<std::pair<std::string, std::string>> provenance{{"provenance", dump_json(about)}};
    const auto earlier = files_of_stored_report(folder);
    FolderWriter writer(folder);
    for (const ExperimentTable& table : report.tables) {
        LACT_CHECK(writer.write(table_file(table.name), to_csv(table)));
    }
    for (const ExperimentPlot& plot : report.plots) {
        const std::string name = plot_file(plot.name);
        LACT_CHECK(writer.write(name + ".svg", plot_svg(plot)));
        LACT_TRY(const std::string png, encode_png(plot_image(plot), provenance));
        LACT_CHECK(writer.write(name + ".png", png));
    }
    for (const ExperimentImage& one : report.images) {
        LACT_TRY(const std::string png, encode_png(to_image8(one.image), provenance));
        LACT_CHECK(writer.write(image_file(one.name), png));
    }
    // Before the new report.json: the names of what is left stay known if this ends early.
    LACT_CHECK(remove_replaced(earlier, writer.written()));
    LACT_CHECK(writer.write("report.json", dump_json(to_json(report, program), 2) + "\n"));
    return std::move(writer).files();
}

}  // namespace lact::app
