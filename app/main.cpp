#include "app/cli/command_line.h"

int main(int argc, char** argv) {
    return lact::app::run_command_line(argc, argv);
}
