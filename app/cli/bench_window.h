#pragma once

#include "app/cli/program.h"

namespace CLI {
class App;
}

namespace lact::app {

/// `bench window`: what the panels cost the engine while the camera moves.
void add_bench_window(CLI::App& bench, Work& action);

}  // namespace lact::app
