#include "app/platform/terminal.h"

#include "engine/core/file_descriptor.h"
#include "engine/core/printable.h"

#include <atomic>
#include <cerrno>
#include <string>

namespace lact::app {

namespace {

/// errno of the first failed write to the standard output; 0: none. A later flush forgets it.
std::atomic<int> first_failure = 0;

void note_failure(int code) {
    int none = 0;
    first_failure.compare_exchange_strong(none, code);
}

}  // namespace

void print_text(std::FILE* stream, std::string_view text) {
    const std::string shown = printable(text);
    if (std::fwrite(shown.data(), 1, shown.size(), stream) != shown.size() && stream == stdout) {
        note_failure(errno);
    }
}

Result<void> check_standard_output() {
    if (std::fflush(stdout) != 0) {
        note_failure(errno);
    }
    const int code = first_failure;
    return code == 0 || code == EPIPE ? Result<void>{}
                                      : fail("standard output", "cannot be written: " + system_reason(code),
                                             "The results there are cut off or missing.");
}

}  // namespace lact::app
