// A few kills and faults of a writer; make kill-test and make fault-test do it for all.
#include "tests/support/temporary_folder.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

int run_script(const std::string& arguments) {
    const std::string command = "python3 -B " LACT_TESTS_DIR "/reliability/" + arguments;
    return std::system(command.c_str());  // NOLINT(cert-env33-c): the test's own words
}

/// The commands preload libraries, and the runtime of the address sanitizer has to come first.
#ifdef __SANITIZE_ADDRESS__
#define LACT_SKIP_WHERE_PRELOADING_FAILS() \
    GTEST_SKIP() << "SKIPPED: the address sanitizer allows no preloaded library"
#else
#define LACT_SKIP_WHERE_PRELOADING_FAILS() static_cast<void>(0)
#endif

TEST(Reliability, KilledWritersLeaveOldOrWholeFiles) {
    LACT_SKIP_WHERE_PRELOADING_FAILS();
    EXPECT_EQ(run_script("kill_test.py " LACT_PROGRAM " --kills 4 --jobs 1 'weights, .safe'"), 0);
}

TEST(Reliability, WritersThatFailSaySoAndKeepWhatWasThere) {
    LACT_SKIP_WHERE_PRELOADING_FAILS();
    EXPECT_EQ(
        run_script("fault_test.py " LACT_PROGRAM " --jobs 1 --memory 0 --vulkan 0 --writer 'weights, .safe'"),
        0);
}

TEST(Reliability, AProgramThatWritesInPlaceIsFound) {
    const lact::test::TemporaryFolder folder;
    const std::string planted = (folder.path() / "lactscope").string();
    const std::string compile = "cc -o " + planted + " " LACT_TESTS_DIR "/reliability/planted.c";
    ASSERT_EQ(std::system(compile.c_str()), 0);  // NOLINT(cert-env33-c): the test's own words
    const std::string faults = " --jobs 1 --memory 0 --vulkan 0 --files 240 --writer 'weights, .safe'";
    EXPECT_NE(run_script("kill_test.py " + planted + " --kills 8 --jobs 1 'weights, .safe' >/dev/null"), 0);
    EXPECT_NE(run_script("fault_test.py " + planted + faults + " >/dev/null"), 0);
}

}  // namespace

}  // namespace lact::app
