#include "app/ui/panel.h"

#include "engine/core/files.h"
#include "engine/core/printable.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {

namespace {

/// Keeps letters, digits, dots and underscores; replaces each run of other characters by one dash.
std::string name_for_file(const std::string& name) {
    std::string result;
    for (const char c : name) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_';
        if (plain || result.empty() || result.back() != '-') {
            result += plain ? c : '-';
        }
    }
    return result;
}

std::string csv_of(const DataTable& table, const std::map<std::string, std::string>& about) {
    std::string text;
    for (const auto* entries : {&about, &table.about}) {
        for (const auto& [key, value] : *entries) {
            text += fmt::format("# {}: {}\n", key, printable_line(value));
        }
    }
    const NamedMatrix& numbers = table.numbers;
    if (!table.columns.empty()) {
        text += fmt::format("{}\n", fmt::join(table.columns, ","));
    } else {
        for (int c = 0; c < numbers.columns; ++c) {
            text += fmt::format("{}{}", c > 0 ? "," : "", c);
        }
        text += '\n';
    }
    for (std::size_t i = 0; i < numbers.values.size(); ++i) {
        const bool ends = (i + 1) % static_cast<std::size_t>(numbers.columns) == 0;
        text += fmt::format("{}{}", numbers.values[i], ends ? '\n' : ',');
    }
    return text;
}

}  // namespace

DataTable make_table(std::string name, std::vector<std::string> columns, const std::vector<double>& values) {
    DataTable table = make_matrix(std::move(name), static_cast<int>(columns.size()), values);
    table.columns = std::move(columns);
    return table;
}

DataTable make_matrix(std::string name, int columns, const std::vector<double>& values) {
    DataTable table;
    table.numbers.name = std::move(name);
    table.numbers.columns = columns;
    table.numbers.rows = columns > 0 ? static_cast<int>(values.size()) / columns : 0;
    table.numbers.values.assign(values.begin(), values.end());
    return table;
}

std::vector<std::filesystem::path> panel_data_files(const std::filesystem::path& path,
                                                    const PanelData& data) {
    if (path.extension() != ".csv" || data.size() < 2) {
        return {path};
    }
    std::vector<std::filesystem::path> files;
    for (const DataTable& table : data) {
        const std::string name = name_for_file(table.numbers.name);
        std::filesystem::path file = path;
        file.replace_extension(name + ".csv");
        // Names that differ only in other characters.
        for (int i = 2; std::ranges::find(files, file) != files.end(); ++i) {
            file = path;
            file.replace_extension(fmt::format("{}-{}.csv", name, i));
        }
        files.push_back(file);
    }
    return files;
}

Result<std::vector<std::filesystem::path>> write_panel_data(const std::filesystem::path& path,
                                                            const PanelData& data,
                                                            const std::map<std::string, std::string>& about) {
    if (data.empty()) {
        return fail(path.string(), "the panel shows no numbers",
                    "Open a scene or a mode that has numbers first.");
    }
    const std::string extension = path.extension().string();
    if (extension == ".safetensors") {
        std::vector<NamedMatrix> matrices;
        auto metadata = about;
        for (const DataTable& table : data) {
            matrices.push_back(table.numbers);
            for (const auto& [key, value] : table.about) {
                metadata[key + "." + table.numbers.name] = value;
            }
            if (!table.columns.empty()) {
                metadata["columns." + table.numbers.name] = fmt::format("{}", fmt::join(table.columns, ","));
            }
        }
        LACT_CHECK(write_matrices(path, matrices, metadata));
        return std::vector{path};
    }
    if (extension != ".csv") {
        return fail(path.string(), "numbers cannot be written with this extension",
                    "Use .csv or .safetensors.");
    }
    const std::vector<std::filesystem::path> files = panel_data_files(path, data);
    for (std::size_t i = 0; i < files.size(); ++i) {
        LACT_CHECK(write_file_atomically(files[i], csv_of(data[i], about)));
    }
    return files;
}

}  // namespace lact::app
