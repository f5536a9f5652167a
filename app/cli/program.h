#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace lact::app {

/// What the program's exit code says.
enum ExitCode : int { exit_done = 0, exit_failed = 1, exit_wrong_usage = 2 };

/// The work of the command that was chosen; set by its callback, run after the whole line was understood.
using Work = std::function<Result<void>(const Job&)>;

/// Parses the command line and runs what it asks for. Results as JSON go to stdout alone; everything else,
/// messages, progress and tables for people, goes to stderr.
[[nodiscard]] int run_program(int argc, char** argv);

// One function a command, each in a file of its own: adds the sub-command and its options to `app`.
void add_eval_command(CLI::App& app, Work& action);
void add_compare_command(CLI::App& app, Work& action);
void add_render_command(CLI::App& app, Work& action);
void add_record_command(CLI::App& app, Work& action);
void add_demo_command(CLI::App& app, Work& action);
/// What `demo` does: a video and pictures of a bundled (or any) scene, written to a folder.
[[nodiscard]] Result<void> run_demo(const std::string& scene, const std::string& output, const Job& job);
void add_inspect_command(CLI::App& app, Work& action);
void add_info_command(CLI::App& app, Work& action);
void add_convert_command(CLI::App& app, Work& action);
void add_train_command(CLI::App& app, Work& action);
void add_heldout_command(CLI::App& app, Work& action);
void add_bench_command(CLI::App& app, Work& action);
void add_bench_compare(CLI::App& bench, Work& action);  ///< Under `bench`.
void add_generate_command(CLI::App& app, Work& action);
void add_poses_command(CLI::App& app, Work& action);
void add_sequence_command(CLI::App& app, Work& action);

/// The median of some values, the upper one of two; not of none.
[[nodiscard]] double median(std::vector<double> values);

}  // namespace lact::app
