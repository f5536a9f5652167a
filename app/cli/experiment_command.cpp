// `lactscope experiment`: measures what arXiv 2602.21204 claims, on any scene and weights.
#include "app/cli/command_line.h"
#include "app/cli/experiment_options.h"
#include "app/commands/experiment_controller.h"
#include "app/figures/experiment_files.h"
#include "app/platform/terminal.h"
#include "engine/core/counted.h"
#include "engine/core/full_path.h"
#include "engine/core/output_path.h"
#include "engine/core/text_file.h"
#include "engine/experiment/experiment.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

constexpr std::size_t line_width = 100;  ///< Of texts, in characters.

struct ExperimentCommand {
    ExperimentOptions options;
    std::string name;
    bool list = false;
    std::string output;
    bool json = false;
};

/// The text in lines of at most `line_width` characters, each after `indent`.
std::string wrapped(std::string_view text, const std::string& indent) {
    std::string lines;
    std::string line = indent;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        if (line.size() + word.size() + 1 > line_width && line != indent) {
            lines += line + '\n';
            line = indent;
        }
        line += (line == indent ? "" : " ") + std::string(word);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines + line + '\n';
}

/// Characters, not bytes.
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void print_row(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
               const std::vector<bool>& to_the_left) {
    std::string line = "  ";
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string space(widths[i] - characters(cells[i]), ' ');
        line += to_the_left[i] ? cells[i] + space : space + cells[i];
        line += i + 1 < cells.size() ? "  " : "";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    print_out("{}\n", line);
}

/// Aligned columns; those with texts to the left.
void print_table(const ExperimentTable& table) {
    std::vector<std::vector<std::string>> lines{table.columns};
    std::vector<std::size_t> widths(table.columns.size(), 0);
    std::vector<bool> to_the_left(table.columns.size(), false);
    for (const auto& row : table.rows) {
        auto& cells = lines.emplace_back();
        for (const ExperimentCell& cell : row) {
            cells.push_back(cell_text(cell));
        }
        cells.resize(table.columns.size());
        for (std::size_t i = 0; i < std::min(row.size(), to_the_left.size()); ++i) {
            to_the_left[i] = to_the_left[i] || std::holds_alternative<std::string>(row[i]);
        }
    }
    for (const auto& cells : lines) {
        for (std::size_t i = 0; i < widths.size(); ++i) {
            widths[i] = std::max(widths[i], characters(cells[i]));
        }
    }
    print_out("\n{}\n", table.name);
    for (const auto& cells : lines) {
        print_row(cells, widths, to_the_left);
    }
}

void print_report(const ExperimentReport& report) {
    print_out("\n{} ({})\n\nThe paper:\n{}", report.title, report.id, wrapped(report.claim, "  "));
    for (const ExperimentTable& table : report.tables) {
        print_table(table);
    }
    print_out("\nThis run:\n{}", wrapped(report.finding, "  "));
    if (!report.condition.empty()) {
        print_out("{}{}", wrapped(condition_of(report), "  "), wrapped(sentence_of(report), "  "));
    }
    print_out("\n");
    for (const std::string& remark : report.remarks) {
        print_out("{}", wrapped(remark, "  "));
    }
    print_out("\nSettings:\n");
    for (const auto& [name, value] : report.settings) {
        print_out("  {:<18} {}\n", name, value);
    }
}

void print_list(bool json) {
    if (json) {
        nlohmann::ordered_json all = nlohmann::ordered_json::array();
        for (const Experiment& one : experiments()) {
            all.push_back({{"experiment", one.id},
                           {"title", one.title},
                           {"claim", one.claim},
                           {"summary", one.summary}});
        }
        print_out("{}\n", dump_json(all, 2));
        return;
    }
    for (const Experiment& one : experiments()) {
        print_out("{:<14} {}\n{}", one.id, one.title, wrapped(one.summary, std::string(15, ' ')));
    }
}

/// One experiment of the list; what it writes goes to `folder`, where that is not empty.
Result<ExperimentReport> measure_one(const Experiment& experiment, const Opened& opened, const Camera& camera,
                                     const ExperimentOptions& options, const std::filesystem::path& folder,
                                     const Job& job) {
    LACT_TRY(ExperimentReport report, measure_experiment(experiment, opened, camera, options, job));
    if (!folder.empty()) {
        LACT_TRY(const auto files, write_experiment(report, made_by_program(), folder));
        job.say(fmt::format("wrote {} to {}", counted(files.size(), "file"), full_path(folder).string()));
    }
    return report;
}

Result<void> measure_single(const ExperimentCommand& command, const Opened& opened, const Camera& camera,
                            const Job& job) {
    LACT_TRY(const ExperimentReport report, measure_one(*find_experiment(command.name), opened, camera,
                                                        command.options, command.output, job));
    if (command.json) {
        print_out("{}\n", dump_json(app::to_json(report, made_by_program()), 2));
    } else {
        print_report(report);
    }
    return {};
}

/// One that fails does not end the others.
Result<void> measure_all(const ExperimentCommand& command, const Opened& opened, const Camera& camera,
                         const Job& job) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    std::vector<std::string_view> failed;
    for (const Experiment& one : experiments()) {
        if (const std::string why = why_unavailable(one.uses); !why.empty()) {
            job.say(fmt::format("{} is left out: {}", one.id, why));
            continue;
        }
        const std::filesystem::path folder =
            command.output.empty() ? std::filesystem::path() : std::filesystem::path(command.output) / one.id;
        const auto report = measure_one(one, opened, camera, command.options, folder, job);
        if (report) {
            all.push_back(app::to_json(*report, made_by_program()));
            if (!command.json) {
                print_report(*report);
            }
            continue;
        }
        if (report.error().cancelled) {
            return tl::unexpected<Error>(report.error());
        }
        failed.push_back(one.id);
        all.push_back({{"experiment", one.id}, {"error", report.error().message()}});
        job.say(fmt::format("{}: {}", one.id, report.error().message()));
    }
    if (command.json) {
        print_out("{}\n", dump_json(all, 2));
    }
    return failed.empty() ? Result<void>{}
                          : fail("experiment", fmt::format("{} of {} failed: {}", failed.size(), all.size(),
                                                           fmt::join(failed, ", ")));
}

Result<void> run_experiment_command(const ExperimentCommand& command, const Job& job) {
    if (command.list) {
        print_list(command.json);
        return {};
    }
    if (!command.output.empty()) {
        LACT_CHECK(check_output_folder(command.output));
    }
    const ExperimentOptions& options = command.options;
    LACT_TRY(const Opened opened, open(options.model, options.scene, job));
    LACT_TRY(const Camera camera, experiment_camera(options, opened.scene));
    return command.name == "all" ? measure_all(command, opened, camera, job)
                                 : measure_single(command, opened, camera, job);
}

}  // namespace

void add_experiment_command(CLI::App& app, CommandAction& action) {
    auto* command = app.add_subcommand(
        "experiment", "Measure what arXiv 2602.21204 claims on a scene: mirror, memory, ablation and others");
    const auto chosen = std::make_shared<ExperimentCommand>();
    std::vector<std::string> names{"all"};
    for (const Experiment& one : experiments()) {
        names.emplace_back(one.id);
    }
    command->add_option("name", chosen->name, fmt::format("Experiment: {}", fmt::join(names, ", ")))
        ->check(CLI::IsMember(names));
    auto* list = command->add_flag("--list", chosen->list, "List the experiments and exit");
    chosen->options.add_to(*command);
    command->add_option(
        "-o,--output", chosen->output,
        "Folder for report.json, tables (CSV), plots (SVG, PNG) and images (PNG); with \"all\" "
        "one in it for each experiment");
    add_json_flag(*command, chosen->json);
    command->callback([chosen, list, &action] {
        if (chosen->name.empty() && list->count() == 0) {
            throw CLI::RequiredError("name or --list");
        }
        action = [chosen](const Job& job) { return run_experiment_command(*chosen, job); };
    });
}

}  // namespace lact::app
