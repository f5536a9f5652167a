#include "app/cli/program.h"

#include "app/cli/interrupt.h"
#include "app/cli/progress_bar.h"
#include "app/cli/window_command.h"

#include <algorithm>
#include <exception>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace lact::app {
namespace {

void describe(CLI::App& app) {
    app.description(
        "LaCT Scope renders novel views of a scene from its photos with LaCT-NVS, a network whose layers "
        "learn at\n"
        "test time, and looks into the fast weights that they learn.\n"
        "Without a command it opens the window.");
    app.set_version_flag("--version", "lactscope " LACT_VERSION);
    app.set_help_all_flag("--help-all", "Help of all commands");
    app.require_subcommand(0, 1);
    app.footer(
        "Results (of info and eval, and any as JSON with --json) go to stdout, everything else to stderr.\n"
        "Exit codes: 0 done, 1 the job failed, 2 wrong usage.");
}

int report(const Error& error) {
    if (error.cancelled) {
        fmt::print(stderr, "cancelled\n");
    } else {
        fmt::print(stderr, "error: {}\n", error.message());
    }
    return exit_failed;
}

int run(const Work& action) {
    const auto interrupt = Interrupt::install();
    if (!interrupt) {
        return report(interrupt.error());
    }
    Result<void> result;
    {
        ProgressBar bar;
        Job job = bar.job((*interrupt)->token());
        job.note = [&bar](std::string_view sentence) {
            bar.clear();
            fmt::print(stderr, "{}\n", sentence);
        };
        result = action(job);
    }
    return result ? exit_done : report(result.error());
}

}  // namespace

int run_program(int argc, char** argv) {
    try {
        CLI::App app;
        describe(app);
        Work action;
        add_window_options(app, action);
        add_demo_command(app, action);
        add_eval_command(app, action);
        add_compare_command(app, action);
        add_render_command(app, action);
        add_record_command(app, action);
        add_inspect_command(app, action);
        add_info_command(app, action);
        add_convert_command(app, action);
        add_train_command(app, action);
        add_heldout_command(app, action);
        add_bench_command(app, action);
        add_generate_command(app, action);
        add_poses_command(app, action);
        add_sequence_command(app, action);
        try {
            app.parse(argc, argv);
        } catch (const CLI::ParseError& problem) {
            // Help and --version are "errors" of code 0 for CLI11; whatever else it finds is wrong usage.
            return app.exit(problem) == 0 ? exit_done : exit_wrong_usage;
        }
        return run(action);
    } catch (const std::exception& problem) {
        fmt::print(stderr, "error: {}\n", problem.what());
        return exit_failed;
    }
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace lact::app
