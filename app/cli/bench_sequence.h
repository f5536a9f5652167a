#pragma once

#include "app/cli/program.h"

namespace lact::app {

/// Adds `bench sequence`.
void add_bench_sequence(CLI::App& bench, Work& action);

}  // namespace lact::app
