// Exceptions that must not leave a thread.
#include "engine/core/guarded.h"

#include "engine/core/parallel.h"

#include <algorithm>
#include <atomic>
#include <new>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

TEST(Guarded, ReturnsTheResultOrWhatWasThrown) {
    EXPECT_EQ(guarded("x", [] { return Result<int>(3); }).value_or(0), 3);
    const auto failed = guarded("x", []() -> Result<int> { return fail("inner", "went wrong"); });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().where, "inner");
    const auto thrown = guarded("the file", []() -> Result<void> { throw std::runtime_error("broken\x1b"); });
    ASSERT_FALSE(thrown);
    EXPECT_EQ(thrown.error().message(), "the file: broken\\x1b");
    const auto memory = guarded("the file", []() -> Result<void> { throw std::bad_alloc(); });
    ASSERT_FALSE(memory);
    EXPECT_NE(memory.error().message().find("no memory"), std::string::npos);
}

TEST(ParallelFor, PassesOnTheFirstExceptionAndBeginsNothingMore) {
    for (const unsigned threads : {1U, 4U}) {
        std::atomic<int> begun{0};
        EXPECT_THROW(parallel_for(
                         1000,
                         [&](std::size_t) {
                             ++begun;
                             throw std::runtime_error("the first");
                         },
                         threads),
                     std::runtime_error);
        EXPECT_LE(begun.load(), static_cast<int>(threads));
    }
    std::vector<int> done(100);
    parallel_for(
        done.size(), [&](std::size_t i) { done[i] = 1; }, 4);
    EXPECT_EQ(std::count(done.begin(), done.end(), 1), 100);
}

}  // namespace
}  // namespace lact
