#pragma once

#include "engine/core/error.h"

#include <cstdio>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

/// Writes text to a stream with printable() applied: the only way to the terminal, so that no name of a file
/// and no metadata can command it.
void print_text(std::FILE* stream, std::string_view text);

/// Flushes the standard output. Error: something printed to it since the start could not be written; none
/// where its reader has ended, as `| head` does.
[[nodiscard]] Result<void> check_standard_output();

/// Prints results to the standard output.
template <class... Values>
void print_out(fmt::format_string<Values...> format, Values&&... values) {
    print_text(stdout, fmt::format(format, std::forward<Values>(values)...));
}

/// Prints messages to the standard error.
template <class... Values>
void print_err(fmt::format_string<Values...> format, Values&&... values) {
    print_text(stderr, fmt::format(format, std::forward<Values>(values)...));
}

}  // namespace lact::app
