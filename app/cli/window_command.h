#pragma once

#include "app/cli/program.h"

namespace lact::app {

/// `lactscope [PATH…]` without a command: opens the window. Adds the positional paths and the window's
/// options to the program itself; `action` is set when no sub-command was chosen.
void add_window_options(CLI::App& app, Work& action);

}  // namespace lact::app
