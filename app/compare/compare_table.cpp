#include "app/compare/compare_table.h"

#include "engine/core/counted.h"
#include "engine/core/printable.h"
#include "engine/core/text_file.h"

#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

std::string csv_text(const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c;
        if (c == '"') {
            quoted += c;
        }
    }
    return quoted + '"';
}

}  // namespace

std::string SideInfo::label() const {
    if (what == "truth") {
        return "ground truth";
    }
    if (what != "model") {
        return what == "captured" ? "frozen image" : what;
    }
    return fmt::format(
        "{}, {}{}{}, {}, {}", weights, rule_label, rule_switched ? " (switched at inference)" : "",
        by_linear_attention ? " by linear attention" : "", precision, counted(inputs.size(), "view"));
}

nlohmann::json SideInfo::json() const {
    nlohmann::json result{{"spec", spec}, {"what", what}};
    if (what == "model") {
        result["weights"] = {{"name", weights}, {"sha256", sha256}, {"trained_rule", trained_rule}};
        result["rule"] = rule;
        result["rule_switched_at_inference"] = rule_switched;
        result["form"] = by_linear_attention ? "linear" : "ttt";
        result["precision"] = precision;
        result["device"] = device;
        result["inputs"] = inputs;
        if (!warning.empty()) {
            result["warning"] = warning;
        }
    }
    return result;
}

CompareMean CompareTable::mean() const {
    CompareMean mean;
    mean.name = "mean";
    for (std::size_t i = 0; i < compare_columns.size(); ++i) {
        const auto value = compare_columns.at(i).value;
        std::size_t& count = mean.counts.at(i);
        double sum = 0;
        for (const CompareRow& row : rows) {
            if (!std::isnan(row.*value)) {
                sum += row.*value;
                ++count;
            }
        }
        mean.*value = count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
    }
    return mean;
}

std::string figure_text(double value, int digits) {
    if (std::isnan(value)) {
        return "-";
    }
    return std::isinf(value) ? "equal" : fmt::format("{:.{}f}", value, digits);
}

std::string mean_figure_text(const CompareMean& mean, std::size_t column, int digits, std::size_t rows) {
    const double value = mean.*compare_columns.at(column).value;
    std::string text = std::isinf(value) ? "inf" : figure_text(value, digits);
    if (const std::size_t count = mean.counts.at(column); count > 0 && count < rows) {
        text += fmt::format("\nof {}", count);
    }
    return text;
}

std::string difference_text(double value, int digits, bool sign) {
    if (std::isnan(value)) {
        return "-";
    }
    const bool small = value != 0 && std::abs(value) < std::pow(10.0, -digits);
    const std::string text = small ? fmt::format("{:.2g}", value) : fmt::format("{:.{}f}", value, digits);
    return sign && !std::signbit(value) ? "+" + text : text;
}

std::string to_csv(const CompareTable& table, const std::string& scene, Size size) {
    std::string text = fmt::format(
        "# a: {}\n# b: {}\n# program: LaCT Scope " LACT_VERSION "\n# scene: {}\n# size: {}x{}\nview,name",
        dump_json(table.a.json()), dump_json(table.b.json()), printable_line(scene), size.width, size.height);
    for (const CompareColumn& column : compare_columns) {
        text += fmt::format(",{}", column.name);
    }
    const auto line = [&](const std::string& view, const CompareRow& row) {
        text += fmt::format("\n{},{}", view, csv_text(row.name));
        for (const CompareColumn& column : compare_columns) {
            text += fmt::format(",{}", row.*column.value);
        }
    };
    for (const CompareRow& row : table.rows) {
        line(std::to_string(row.view), row);
    }
    line(table.rows.size() < table.of
             ? fmt::format("mean of {} of {}", table.rows.size(), counted(table.of, "view"))
             : "mean",
         table.mean());
    return text + "\n";
}

nlohmann::json json_number(double value) {
    if (std::isnan(value)) {
        return nullptr;
    }
    return std::isinf(value) ? nlohmann::json(value > 0 ? "inf" : "-inf") : nlohmann::json(value);
}

nlohmann::json to_json(const CompareTable& table) {
    const auto figures = [](const CompareRow& row) {
        nlohmann::json one = nlohmann::json::object();
        for (const CompareColumn& column : compare_columns) {
            one[column.name] = json_number(row.*column.value);
        }
        return one;
    };
    const CompareMean mean = table.mean();
    nlohmann::json counts = nlohmann::json::object();
    for (std::size_t i = 0; i < compare_columns.size(); ++i) {
        counts[compare_columns.at(i).name] = mean.counts.at(i);
    }
    nlohmann::json views = nlohmann::json::array();
    for (const CompareRow& row : table.rows) {
        nlohmann::json one = figures(row);
        one["index"] = row.view;
        one["name"] = row.name;
        views.push_back(std::move(one));
    }
    nlohmann::json result{{"a", table.a.json()},
                          {"b", table.b.json()},
                          {"mean", figures(mean)},
                          {"mean_of", std::move(counts)},
                          {"views", std::move(views)}};
    if (table.rows.size() < table.of) {
        result["views_missing"] = table.of - table.rows.size();
    }
    return result;
}

}  // namespace lact::app
