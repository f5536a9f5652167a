// The last words of the program, each in a process of its own.
#include "app/cli/last_words.h"

#include "app/cli/command_line.h"

#include <csignal>
#include <new>
#include <stdexcept>

#include <gtest/gtest.h>

namespace lact::app {
namespace {

struct ThrowsWhereNothingMay {
    void (*what)();
    ~ThrowsWhereNothingMay() { what(); }  // noexcept, as every destructor
};

void no_memory() {
    throw std::bad_alloc();
}

void other() {
    throw std::runtime_error("another problem");
}

TEST(LastWords, MemoryThatRunsOutInADestructorIsASentenceAndAnError) {
    EXPECT_EXIT(
        {
            say_out_of_memory_at_the_end();
            const ThrowsWhereNothingMay destroyed{no_memory};
        },
        testing::ExitedWithCode(exit_failed), "error: there is no memory left\n.*fewer views");
}

TEST(LastWords, AnotherExceptionEndsItAsBefore) {
    EXPECT_EXIT(
        {
            say_out_of_memory_at_the_end();
            say_out_of_memory_at_the_end();  // does not become its own predecessor
            const ThrowsWhereNothingMay destroyed{other};
        },
        testing::KilledBySignal(SIGABRT), "another problem");
}

}  // namespace
}  // namespace lact::app
