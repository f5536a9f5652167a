#pragma once

#include "app/cli/command_line.h"

#include <string>
#include <vector>

namespace lact::app {

// The benchmarks with a file of their own: each adds its command under `bench`.
void add_bench_window(CLI::App& bench, CommandAction& action);
void add_bench_compare(CLI::App& bench, CommandAction& action);
void add_bench_sequence(CLI::App& bench, CommandAction& action);
/// `bench render`, `setup`, `switch` and `start`.
void add_bench_engine(CLI::App& bench, CommandAction& action);

/// --clock: "wall" or "cpu".
void add_clock_option(CLI::App& command, std::string& clock);

/// Median of at least one value; of an even number, the upper of the two middle ones.
[[nodiscard]] double median(std::vector<double> values);

}  // namespace lact::app
