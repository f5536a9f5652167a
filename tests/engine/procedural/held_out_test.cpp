#include "engine/procedural/held_out.h"

#include "engine/procedural/world.h"
#include "tests/support/temporary_folder.h"

#include <set>

#include <gtest/gtest.h>

namespace lact {
namespace {

TEST(HeldOut, TheFileIsWhatWasPromised) {
    const auto held_out = read_held_out(LACT_ASSETS_DIR "/heldout.json");
    ASSERT_TRUE(held_out) << held_out.error().message();
    EXPECT_EQ(held_out->generator_version, generator_version);
    ASSERT_EQ(held_out->object.size(), 200U);
    ASSERT_EQ(held_out->scene.size(), 100U);
    for (std::size_t i = 0; i < 200; ++i) {
        EXPECT_EQ(held_out->object[i], 90'500'000 + i);
    }
    for (std::size_t i = 0; i < 100; ++i) {
        EXPECT_EQ(held_out->scene[i], 90'600'000 + i);
    }
    EXPECT_LT(training_seed_end, held_out_seed_begin);
}

TEST(HeldOut, ABadFileIsRefusedWithItsField) {
    const test::TemporaryFolder folder;
    const std::pair<const char*, const char*> cases[] = {
        {"", "heldout.json"},
        {"[]", "object was expected"},
        {R"({"generator_version": 1})", "object"},
        {R"({"generator_version": 2, "object": [90500000], "scene": [90500000]})", "version 1"},
        {R"({"generator_version": "1", "object": [90500000], "scene": [90500000]})", "generator_version"},
        {R"({"generator_version": 1, "object": [], "scene": [90500000]})", "object"},
        {R"({"generator_version": 1, "object": 5, "scene": [90500000]})", "object"},
        {R"({"generator_version": 1, "object": [90500000], "scene": [17]})", "17"},
        {R"({"generator_version": 1, "object": [90500000], "scene": [-1]})", "-1"},
        {R"({"generator_version": 1, "object": [90500000.5], "scene": [90500000]})", "90500000.5"},
        {R"({"generator_version": 1, "object": [90500000, 90500000], "scene": [90500000]})", "twice"},
    };
    for (const auto& [text, expected] : cases) {
        const auto result = read_held_out(folder.file("heldout.json", text));
        ASSERT_FALSE(result) << text;
        EXPECT_NE(result.error().message().find(expected), std::string::npos) << result.error().message();
    }
    EXPECT_FALSE(read_held_out(folder.path() / "absent.json"));
}

}  // namespace
}  // namespace lact
