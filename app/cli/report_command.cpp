// `lactscope report`: all experiments on one scene as one page.
#include "app/cli/command_line.h"
#include "app/cli/experiment_options.h"
#include "app/commands/experiment_controller.h"
#include "app/figures/report_page.h"
#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/output_path.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {
namespace {

struct ReportOptions {
    ExperimentOptions options;
    std::vector<std::string> experiments;  ///< Ids; empty: all.
    std::string output;
};

bool is_chosen(const ReportOptions& report, const Experiment& one) {
    return report.experiments.empty() ||
           std::ranges::find(report.experiments, one.id) != report.experiments.end();
}

/// Runs the chosen experiments. One that fails is an entry that says so. Error: the job was stopped.
Result<std::vector<ReportEntry>> measure_entries(const ReportOptions& report, const Opened& opened,
                                                 const Camera& camera, const Job& job) {
    std::vector<const Experiment*> all;
    for (const Experiment& one : experiments()) {
        if (!is_chosen(report, one)) {
            continue;
        }
        const std::string why = why_unavailable(one.uses);
        if (report.experiments.empty() && !why.empty()) {
            job.say(fmt::format("{} is left out: {}", one.id, why));
            continue;
        }
        all.push_back(&one);
    }
    std::vector<ReportEntry> entries;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Experiment& one = *all[i];
        const Job inner{[&job, i, &all](std::string_view stage, double fraction) {
                            job.progress(
                                stage, (static_cast<double>(i) + fraction) / static_cast<double>(all.size()));
                        },
                        job.note, job.stop};
        auto measured = measure_experiment(one, opened, camera, report.options, inner);
        if (!measured && measured.error().cancelled) {
            return tl::unexpected<Error>(measured.error());
        }
        ReportEntry entry{std::string(one.title), {}, {}};
        if (measured) {
            entry.report = std::move(*measured);
        } else {
            entry.report.id = one.id;
            entry.report.claim = one.claim;
            entry.problem = measured.error().message();
            job.say(fmt::format("{}: {}", one.id, entry.problem));
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

Result<void> run_report(const ReportOptions& report, const Job& job) {
    LACT_CHECK(check_output_file(report.output));
    LACT_TRY(const Opened opened, open(report.options.model, report.options.scene, job));
    LACT_TRY(const Camera camera, experiment_camera(report.options, opened.scene));
    LACT_TRY(std::vector<ReportEntry> entries, measure_entries(report, opened, camera, job));
    ReportPage page;
    page.title =
        fmt::format("Test-time training as linear attention, measured on {}", opened.scene.set->files.name);
    page.program = made_by_program();
    const ExperimentInput input{opened.session.snapshot(), opened.scene.set, opened.scene.inputs,
                                opened.scene.targets,      camera,           {}};
    page.settings = describe_settings(input, {}, {});
    page.entries = std::move(entries);
    LACT_TRY(const std::string html, report_html(page));
    LACT_CHECK(write_file_atomically(report.output, html));
    const auto failed =
        std::ranges::count_if(page.entries, [](const ReportEntry& entry) { return !entry.problem.empty(); });
    job.say(fmt::format("wrote {} to {}", counted(page.entries.size(), "experiment"), report.output));
    return failed == 0 ? Result<void>{}
                       : fail("report", fmt::format("{} of {} could not be measured; the page says why",
                                                    failed, counted(page.entries.size(), "experiment")));
}

}  // namespace

void add_report_command(CLI::App& app, CommandAction& action) {
    auto* command = app.add_subcommand(
        "report", "Run all experiments on a scene and write one HTML page with tables, plots and images");
    const auto report = std::make_shared<ReportOptions>();
    report->options.add_to(*command);
    std::vector<std::string> names;
    for (const Experiment& one : experiments()) {
        names.emplace_back(one.id);
    }
    command
        ->add_option("--experiments", report->experiments,
                     fmt::format("Only these: {}", fmt::join(names, ", ")))
        ->delimiter(',')
        ->check(CLI::IsMember(names));
    command->add_option("-o,--output", report->output, "The page (.html)")->required();
    command->callback(
        [report, &action] { action = [report](const Job& job) { return run_report(*report, job); }; });
}

}  // namespace lact::app
