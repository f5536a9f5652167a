#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace lact::app {

/// Exit codes of the program.
enum ExitCode : int { exit_done = 0, exit_failed = 1, exit_wrong_usage = 2 };

/// What the chosen command does. Its option callback sets it; it runs after the whole command line is parsed.
using CommandAction = std::function<Result<void>(const Job&)>;

/// Parses the command line and runs the chosen command; returns the exit code. JSON results alone go to
/// stdout; messages, progress and tables go to stderr.
[[nodiscard]] int run_command_line(int argc, char** argv);

/// `lactscope [PATH...]` without a command: adds the positional paths and the options of the window to the
/// program itself. Sets `action` when no command is given.
void add_window_options(CLI::App& app, CommandAction& action);

// One function per command, each in the file of its name: adds the command and its options to `app`.
void add_demo_command(CLI::App& app, CommandAction& action);
void add_eval_command(CLI::App& app, CommandAction& action);
void add_compare_command(CLI::App& app, CommandAction& action);
void add_render_command(CLI::App& app, CommandAction& action);
void add_record_command(CLI::App& app, CommandAction& action);
void add_inspect_command(CLI::App& app, CommandAction& action);
void add_experiment_command(CLI::App& app, CommandAction& action);
void add_report_command(CLI::App& app, CommandAction& action);
void add_info_command(CLI::App& app, CommandAction& action);
void add_convert_command(CLI::App& app, CommandAction& action);
void add_train_command(CLI::App& app, CommandAction& action);
void add_heldout_command(CLI::App& app, CommandAction& action);
void add_bench_command(CLI::App& app, CommandAction& action);
void add_generate_command(CLI::App& app, CommandAction& action);
void add_poses_command(CLI::App& app, CommandAction& action);
void add_sequence_command(CLI::App& app, CommandAction& action);

/// `lactscope demo`: writes a video and a contact sheet of a scene (a bundled name or a folder) to a folder.
[[nodiscard]] Result<void> run_demo(const std::string& scene, const std::string& output, const Job& job);

}  // namespace lact::app
