#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace lact::app {

/// Finds the executable `name` in the folders of a PATH (separated by colons).
[[nodiscard]] std::optional<std::filesystem::path> find_program(std::string_view name,
                                                                const std::string& search_path);
/// The PATH of this process; empty where it is unset.
[[nodiscard]] std::string current_search_path();

/// Exit status of a child process.
struct ChildEnd {
    int exit_code = 0;  ///< 128 + signal where a signal ended it, as in shells.
};

/// Runs a program until it ends. Passes its output, stdout and stderr mixed, to `on_line` on the calling
/// thread, line by line (cut at 4096 bytes; a carriage return ends a line, too). The child has no input and a
/// process group of its own: a stop request sends SIGTERM to the group, and SIGKILL after five seconds.
/// Without `on_line` its output goes nowhere, and what it starts may outlive this process. Errors: the
/// program cannot be started; cancelled; nobody knows how it ended, as where SIGCHLD is ignored.
[[nodiscard]] Result<ChildEnd> run_child(const std::filesystem::path& program,
                                         const std::vector<std::string>& arguments,
                                         const std::function<void(std::string_view line)>& on_line,
                                         std::stop_token stop = {});

}  // namespace lact::app
