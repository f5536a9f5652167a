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

/// The program `name` in the folders of a PATH (parted by colons); none where it is in none of them.
[[nodiscard]] std::optional<std::filesystem::path> find_program(std::string_view name,
                                                                const std::string& search_path);
/// The PATH of this program; empty where there is none.
[[nodiscard]] std::string current_search_path();

/// How a child process ended.
struct ChildEnd {
    int exit_code = 0;  ///< 128 + signal where a signal ended it, as shells say.
};

/// Runs a program until it ends and hands over what it prints, stdout and stderr mixed, line by line (cut at
/// 4096 bytes; a carriage return ends one, too) on the calling thread. It reads nothing and has a process
/// group of its own: on a stop request that group gets SIGTERM, five seconds later SIGKILL. Errors: cannot be
/// started; cancelled.
[[nodiscard]] Result<ChildEnd> run_child(const std::filesystem::path& program,
                                         const std::vector<std::string>& arguments,
                                         const std::function<void(std::string_view line)>& on_line,
                                         std::stop_token stop = {});

}  // namespace lact::app
