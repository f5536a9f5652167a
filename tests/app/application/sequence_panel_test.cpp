// The sequence panel, driven by the program's own actions and parameters.
#include "engine/scene/image.h"
#include "tests/app/application/running.h"
#include "tests/support/temporary_folder.h"

#include <numeric>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using test::errors;
using test::Running;
using test::set;
using test::start_null;

Running shown() {
    Running running = start_null();
    EXPECT_TRUE(running.run("panel.show", {{"panel", "Sequence"}}).has_value());
    EXPECT_TRUE(running.program->settle().has_value());
    return running;
}

TEST(SequencePanel, EveryRuleAgreesInBothForms) {
    const Running running = shown();
    for (int row = 0; row < table2_rows; ++row) {
        set(running, "sequence.variant", row);
        const SequenceExample* example = running.program->panels().sequence.example();
        ASSERT_NE(example, nullptr);
        EXPECT_EQ(example->options.row, row);
        EXPECT_TRUE(example->equal) << example->difference_fp64.value_or(0);
    }
    set(running, "sequence.chunk", 64);
    EXPECT_EQ(running.program->panels().sequence.example()->chunks.size(), 4U);
    set(running, "sequence.update_first", true);
    EXPECT_TRUE(running.program->panels().sequence.example()->chunks.back().read);
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(SequencePanel, MeasuresOnlyWhenAskedAndOnce) {
    const Running running = shown();
    set(running, "sequence.mode", "speed");
    EXPECT_EQ(running.program->panels().sequence.speeds(), nullptr);
    ASSERT_TRUE(running.run("sequence.measure").has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    const SequenceSpeeds* speeds = running.program->panels().sequence.speeds();
    ASSERT_NE(speeds, nullptr);
    ASSERT_EQ(speeds->size(), 2U * table2_rows);
    const double first = speeds->front().recurrent_ms;
    set(running, "rule.steps", 2);  // another state: the figures stay
    EXPECT_EQ(running.program->panels().sequence.speeds()->front().recurrent_ms, first);
}

TEST(SequencePanel, AImageOfOnesChoiceThroughBothModules) {
    const Running running = shown();
    set(running, "sequence.mode", "picture");
    const SequencePanel& panel = running.program->panels().sequence;
    ASSERT_NE(panel.images(), nullptr);
    EXPECT_EQ(panel.images()->rows, 24);
    set(running, "sequence.position", "3,4");
    ASSERT_NE(panel.attention(), nullptr);
    const VitttAttention before = *panel.attention();
    EXPECT_NEAR(std::reduce(before.glu.begin(), before.glu.end()) + before.glu_initial, 1, 1e-6);
    set(running, "sequence.position", "20,20");
    EXPECT_NE(panel.attention()->glu, before.glu);
    set(running, "sequence.rotary", true);

    const TemporaryFolder folder;
    Image8 image{40, 20, 3, std::vector<std::uint8_t>(2400)};
    std::iota(image.pixels.begin(), image.pixels.end(), std::uint8_t{0});
    const auto path = folder.file("mine.png", *encode_png(image));
    set(running, "sequence.image", path.string());
    ASSERT_NE(panel.images(), nullptr);
    EXPECT_EQ(panel.images()->rows, 12);
    EXPECT_EQ(*running.program->parameters().get("sequence.position"), "") << "the image is smaller";
    set(running, "sequence.position", "23,11");
    EXPECT_EQ(panel.attention()->conv.size(), 24U * 12U);
    // Not an image: said in the panel, nothing shown.
    set(running, "sequence.image", (folder.path() / "none.png").string());
    EXPECT_EQ(panel.images(), nullptr);
    set(running, "sequence.image", "");
    EXPECT_NE(panel.images(), nullptr);
    EXPECT_FALSE(running.program->parameters().set("sequence.position", "7").has_value());
    EXPECT_FALSE(running.program->parameters().set("sequence.variant", 7).has_value());
    EXPECT_EQ(errors(*running.program), 0);
}

}  // namespace

}  // namespace lact::app
