#include "app/cli/program.h"

int main(int argc, char** argv) {
    return lact::app::run_program(argc, argv);
}
