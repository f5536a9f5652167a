// Runs every fuzz target over the inputs that are kept of it: seeds, and what once was a finding
// (docs/reliability.md).
#include "engine/core/files.h"
#include "tests/fuzz/target.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

namespace lact::fuzz {
namespace {

using Target = int (*)(const std::uint8_t*, std::size_t);

const std::map<std::string, Target>& targets() {
#define LACT_FUZZ_ENTRY(name) {#name, fuzz_##name},
    static const std::map<std::string, Target> all{LACT_FUZZ_TARGETS(LACT_FUZZ_ENTRY)};
#undef LACT_FUZZ_ENTRY
    return all;
}

TEST(Fuzz, EveryInputOfTheCorpusIsReadOrRefused) {
    const std::filesystem::path folder = std::filesystem::path(LACT_TESTS_DIR) / "fuzz/corpus";
    for (const auto& [name, target] : targets()) {
        SCOPED_TRACE(name);
        ASSERT_TRUE(std::filesystem::is_directory(folder / name));
        EXPECT_EQ(target(nullptr, 0), 0) << "the empty input";
        for (const auto& entry : std::filesystem::directory_iterator(folder / name)) {
            const auto bytes = read_file(entry.path());
            ASSERT_TRUE(bytes) << bytes.error().message();
            // An exact copy, so that a memory checker sees a read behind its end.
            const std::vector<std::uint8_t> input(bytes->begin(), bytes->end());
            EXPECT_EQ(target(input.data(), input.size()), 0) << entry.path().filename();
        }
    }
}

TEST(Fuzz, EveryFileOfTheFolderIsATarget) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(LACT_TESTS_DIR) / "fuzz")) {
        const std::string name = entry.path().stem().string();
        if (entry.path().extension() == ".cpp" && name != "regression_test") {
            EXPECT_TRUE(targets().contains(name)) << name;
        }
    }
}

}  // namespace
}  // namespace lact::fuzz
