#pragma once

#include "tests/support/temporary_folder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <sys/wait.h>

namespace lact::app::test {

/// The bundled weights that are the smallest.
inline const std::string general_weights = LACT_ASSETS_DIR "/weights/general.safetensors";

/// What a run of the program left behind.
struct ProgramRun {
    int exit_code = -1;
    std::string out;
    std::string err;
};

/// Runs `lactscope ARGUMENTS` (shell words) to its end; `before` stands in front of it: "cd FOLDER && env -u
/// DISPLAY".
inline ProgramRun run_lactscope(const std::string& arguments, const std::string& before = {}) {
    const lact::test::TemporaryFolder folder;
    const auto read = [&](const char* name) {
        std::ifstream file(folder.path() / name, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::string command = before + " " + std::string(LACT_PROGRAM) + " " + arguments + " >" +
                                (folder.path() / "out").string() + " 2>" + (folder.path() / "err").string();
    const int status = std::system(command.c_str());  // NOLINT(cert-env33-c): the test's own words
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read("out"), read("err")};
}

}  // namespace lact::app::test
