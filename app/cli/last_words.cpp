#include "app/cli/last_words.h"

#include "app/cli/command_line.h"

#include <cstdlib>
#include <exception>
#include <new>

#include <unistd.h>

namespace lact::app {
namespace {

std::terminate_handler earlier = nullptr;

bool is_out_of_memory() {
    if (!std::current_exception()) {
        return false;
    }
    try {
        throw;
    } catch (const std::bad_alloc&) {
        return true;
    } catch (...) {
        return false;
    }
}

// Allocates nothing, and runs no destructors: what they would need may be what has just failed.
[[noreturn]] void on_terminate() {
    if (is_out_of_memory()) {
        [[maybe_unused]] const ssize_t count =
            ::write(STDERR_FILENO, out_of_memory_text, sizeof(out_of_memory_text) - 1);
        ::_exit(exit_failed);
    }
    if (earlier != nullptr) {
        earlier();
    }
    std::abort();
}

}  // namespace

void say_out_of_memory_at_the_end() {
    const std::terminate_handler before = std::set_terminate(on_terminate);
    if (before != on_terminate) {
        earlier = before;
    }
}

}  // namespace lact::app
