// What a golden file that is missing does to the tests that need it.
#include "tests/support/environment.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::GoldenFile;

TEST(GoldenFiles, OneThatTheRepositoryMustHoldFails) {
    const test::Environment own("LACT_GOLDEN_DIR", LACT_TESTS_DIR "/support/../golden");
    EXPECT_NONFATAL_FAILURE(static_cast<void>(GoldenFile::open("nothing")), "nothing.safetensors is missing");
    // The repository holds no photos of real scenes.
    static_cast<void>(GoldenFile::open("metrics"));
    static_cast<void>(GoldenFile::open("preprocess"));
}

TEST(GoldenFiles, OfAKindInTheRepositoryAreAllThereAndAllListed) {
    const test::Environment own("LACT_GOLDEN_DIR", LACT_TESTS_DIR "/golden");
    for (const std::string kind : {"fast_weight_update_", "lact_nvs_model_"}) {
        std::set<std::filesystem::path> there;
        for (const auto& entry : std::filesystem::directory_iterator(test::golden_dir())) {
            if (entry.path().filename().string().starts_with(kind)) {
                there.insert(entry.path());
            }
        }
        const auto listed = test::golden_files(kind, "");  // Fails where one is missing.
        EXPECT_EQ(std::set<std::filesystem::path>(listed.begin(), listed.end()), there);
    }
}

TEST(GoldenFiles, AnyOtherFolderMayHoldSomeOnly) {
    const test::TemporaryFolder folder;
    const test::Environment other("LACT_GOLDEN_DIR", folder.path().c_str());
    EXPECT_FALSE(GoldenFile::open("vittt").has_value());
    EXPECT_TRUE(GoldenFile::names_with("fast_weight_update_").empty());
    (void)folder.file("fast_weight_update_s3.safetensors", "");
    EXPECT_EQ(GoldenFile::names_with("fast_weight_update_"),
              std::vector<std::string>{"fast_weight_update_s3"});
}

}  // namespace
}  // namespace lact
