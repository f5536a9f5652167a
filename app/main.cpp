#include "app/cli/command_line.h"

#include <csignal>

int main(int argc, char** argv) {
    // A parent that ignores it would leave that to us, and nobody would learn how our children end.
    (void)std::signal(SIGCHLD, SIG_DFL);
    return lact::app::run_command_line(argc, argv);
}
