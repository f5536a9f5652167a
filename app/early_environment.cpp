// Threads that wait shall not take the processor from others.
//
// libgomp, whose threads compute for LibTorch, lets an idle thread spin before it sleeps: 300 000 rounds by
// default, so that a thread that waits for one which another program has displaced burns the time slices that
// this one needs. Beside other work a set-up of 0.1 s then takes seconds. Two thousand rounds, a tenth of a
// millisecond at most, still cover most gaps between two parallel regions; with a thousand most regions would
// wake their threads again, and two threads would be no faster than one (docs/performance.md).
//
// libgomp reads the number once, in a constructor that runs before main(). The functions of .preinit_array
// run before the constructors of all libraries: there the program starts itself again with the number in its
// environment. This costs some milliseconds, where starting again from main() would cost all constructors
// twice.

#include <array>
#include <cstddef>

#include <unistd.h>

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

constexpr const char* spin_setting = "GOMP_SPINCOUNT=2000";

/// What the user has set decides.
constexpr std::array<const char*, 2> of_user = {"OMP_WAIT_POLICY=", "GOMP_SPINCOUNT="};

bool begins_with(const char* text, const char* beginning) {
    for (; *beginning != '\0'; ++text, ++beginning) {
        if (*text != *beginning) {
            return false;
        }
    }
    return true;
}

/// The C library is not initialised yet: neither getenv() nor the heap may be used.
void set_waiting(int /*count*/, char** arguments, char** environment) {
    constexpr std::size_t most_variables = 4096;
    static std::array<char*, most_variables + 2> variables;
    std::size_t count = 0;
    for (char** variable = environment; *variable != nullptr; ++variable) {
        for (const char* name : of_user) {
            if (begins_with(*variable, name)) {
                return;
            }
        }
        if (count == most_variables) {
            return;
        }
        variables[count++] = *variable;
    }
    variables[count++] = const_cast<char*>(spin_setting);
    variables[count] = nullptr;
    static std::array<char, 4096> program;
    const ssize_t length = readlink("/proc/self/exe", program.data(), program.size() - 1);
    if (length > 0) {
        program[static_cast<std::size_t>(length)] = '\0';
        execve(program.data(), arguments, variables.data());  // Returns only where it fails: then as it was.
    }
}

using EarlyFunction = void (*)(int, char**, char**);
[[gnu::section(".preinit_array"), gnu::used]] EarlyFunction early = set_waiting;

}  // namespace

#endif
