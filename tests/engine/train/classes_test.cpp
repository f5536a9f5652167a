#include "engine/train/classes.h"

#include "engine/procedural/world_family.h"

#include <cmath>

#include <gtest/gtest.h>

namespace lact {
namespace {

ClassesOptions small_classes() {
    ClassesOptions options;
    options.size = 16;
    options.patch = 4;
    options.width = 16;
    options.batch = 19;
    options.steps = 120;
    return options;
}

TEST(Classes, LabelsFollowOneAnotherAndImagesDependOnSeedAndIndexAlone) {
    ASSERT_EQ(labelled_classes().size(), 5U);
    EXPECT_EQ(labelled_classes().front(), "car");
    const LabelledImages some = draw_labelled(500, 17, 6, 16);
    EXPECT_TRUE(at::equal(some.labels, at::tensor({2, 3, 4, 0, 1, 2}, at::kLong)));
    EXPECT_EQ(some.images.sizes(), (std::vector<std::int64_t>{6, 3, 16, 16}));
    EXPECT_GE(some.images.min().item<double>(), 0);
    EXPECT_LE(some.images.max().item<double>(), 1);
    const LabelledImages later = draw_labelled(500, 19, 2, 16);
    EXPECT_TRUE(at::equal(later.images, some.images.slice(0, 2, 4)));
    EXPECT_FALSE(at::equal(draw_labelled(501, 19, 2, 16).images, later.images));
}

TEST(Classes, LearnsImagesThatItSees) {
    const LabelledImages images = draw_labelled(0, 0, 19, 16);
    ClassesTraining training(small_classes(), images);
    const double first = training.step();
    EXPECT_NEAR(first, std::log(5.0), 1.5);
    double last = first;
    for (int i = 1; i < 120; ++i) {
        last = training.step();
    }
    EXPECT_LT(last, first / 2);
    EXPECT_GT(training.accuracy(images), 0.6);
    EXPECT_EQ(training.steps_done(), 120);
}

TEST(Classes, EveryRuleHasFiniteLosses) {
    const LabelledImages images = draw_labelled(0, 0, 19, 16);
    for (const VitttRule& rule :
         {VitttRule{}, VitttRule{.update_gate = false}, VitttRule{.update_gate = false, .gated = false},
          VitttRule{.update_gate = false, .gated = false, .normalised = false},
          VitttRule{.update_gate = false, .ascent = true},
          VitttRule{.update_gate = false, .read_key = true}}) {
        ClassesOptions options = small_classes();
        options.rule = rule;
        ClassesTraining training(options, images);
        EXPECT_TRUE(std::isfinite(training.step()));
        EXPECT_TRUE(std::isfinite(training.step()));
    }
}

TEST(Classes, IsAFunctionOfItsSeed) {
    const LabelledImages images = draw_labelled(0, 0, 38, 16);
    const auto second_loss = [&images](std::uint64_t seed) {
        ClassesOptions options = small_classes();
        options.seed = seed;
        ClassesTraining training(options, images);
        training.step();
        return training.step();
    };
    EXPECT_EQ(second_loss(1), second_loss(1));
    EXPECT_NE(second_loss(1), second_loss(2));
}

TEST(Classes, OptionsThatDoNotFitAreNamed) {
    EXPECT_TRUE(check_classes(small_classes()).has_value());
    ClassesOptions options = small_classes();
    options.patch = 5;
    EXPECT_FALSE(check_classes(options).has_value());
    options = small_classes();
    options.heads = 3;
    EXPECT_FALSE(check_classes(options).has_value());
    options = small_classes();
    options.steps = 0;
    EXPECT_FALSE(check_classes(options).has_value());
}

}  // namespace
}  // namespace lact
