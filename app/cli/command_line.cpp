#include "app/cli/command_line.h"

#include "app/cli/interrupt.h"
#include "app/cli/last_words.h"
#include "app/cli/progress_bar.h"
#include "app/platform/terminal.h"

#include <exception>
#include <new>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace lact::app {
namespace {

void set_program_help(CLI::App& app) {
    app.description(
        "LaCT Scope renders novel views of a scene from its photos with LaCT-NVS, a network whose layers "
        "learn at\ntest time, and shows the fast weights that they learn.\n"
        "Without a command it opens the window.");
    app.set_version_flag("--version", "lactscope " LACT_VERSION);
    app.set_help_all_flag("--help-all", "Print the help of all commands and exit");
    app.require_subcommand(0, 1);
    app.footer(
        "JSON and CSV, the lines of record --progress, the tables of train --sweep and --rules,\n"
        "and the results of info, eval and experiment go to stdout, everything else to stderr.\n"
        "Exit codes: 0 success, 1 failure, 2 wrong usage.");
}

int report_error(const Error& error) {
    if (error.cancelled) {
        print_err("cancelled\n");
    } else {
        print_err("error: {}\n", error.message());
    }
    return exit_failed;
}

int run_action(const CommandAction& action) {
    const auto interrupt = Interrupt::install();
    if (!interrupt) {
        return report_error(interrupt.error());
    }
    Result<void> result;
    {
        ProgressBar bar;
        Job job = bar.job((*interrupt)->token());
        job.note = [&bar](std::string_view sentence) {
            bar.clear();
            print_err("{}\n", sentence);
        };
        result = action(job);
    }
    return result ? exit_done : report_error(result.error());
}

/// What was printed may not have been written: to a full disk, for example.
int checked_output(int code) {
    const auto written = check_standard_output();
    return code != exit_done || written ? code : report_error(written.error());
}

}  // namespace

int run_command_line(int argc, char** argv) {
    say_out_of_memory_at_the_end();
    try {
        CLI::App app;
        set_program_help(app);
        CommandAction action;
        add_window_options(app, action);
        add_demo_command(app, action);
        add_eval_command(app, action);
        add_compare_command(app, action);
        add_render_command(app, action);
        add_record_command(app, action);
        add_inspect_command(app, action);
        add_experiment_command(app, action);
        add_report_command(app, action);
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
            // CLI11 reports --help and --version as errors of code 0; every other error is wrong usage.
            // Its texts hold arguments as they were given.
            std::ostringstream out;
            std::ostringstream err;
            const int code = app.exit(problem, out, err);
            print_out("{}", out.str());
            print_err("{}", err.str());
            return checked_output(code == 0 ? exit_done : exit_wrong_usage);
        }
        return checked_output(run_action(action));
    } catch (const std::bad_alloc&) {
        print_err("{}", out_of_memory_text);
        return exit_failed;
    } catch (const std::exception& problem) {
        print_err("error: {}\n", problem.what());
        return exit_failed;
    }
}

}  // namespace lact::app
