// Every outcome of the verdicts, most of which no run on sound weights reaches.
#include "engine/experiment/verdict.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

constexpr double not_finite = std::numeric_limits<double>::quiet_NaN();

TEST(Verdict, MirroredImagesAreEqualToTheBitAndTheControlIsNot) {
    EXPECT_EQ(mirror_verdict(0, 0.2, true), Agreement::agrees);
    EXPECT_EQ(mirror_verdict(0, 0.2, false), Agreement::open);
    EXPECT_EQ(mirror_verdict(0, 0.001, true), Agreement::open);
    EXPECT_EQ(mirror_verdict(0, not_finite, true), Agreement::open);
    for (const double linear : {1e-8, not_finite}) {
        EXPECT_EQ(mirror_verdict(linear, 0.2, true), Agreement::disagrees);
        EXPECT_EQ(mirror_verdict(linear, 0.2, false), Agreement::disagrees);
        EXPECT_EQ(mirror_verdict(linear, 0, true), Agreement::disagrees);
    }
}

TEST(Verdict, LinearAttentionGivesTheSameImageInBothPrecisions) {
    EXPECT_EQ(linear_rendering_verdict(1e-3, 1e-6, true), Agreement::agrees);
    EXPECT_EQ(linear_rendering_verdict(1e-3, 1e-6, false), Agreement::open);
    for (const bool all : {true, false}) {
        EXPECT_EQ(linear_rendering_verdict(2e-3, 0, all), Agreement::disagrees);
        EXPECT_EQ(linear_rendering_verdict(0, 2e-6, all), Agreement::disagrees);
        EXPECT_EQ(linear_rendering_verdict(not_finite, 0, all), Agreement::disagrees);
        EXPECT_EQ(linear_rendering_verdict(0, not_finite, all), Agreement::disagrees);
    }
}

TEST(Verdict, TheCheckPassesTheStepAndFindsEveryError) {
    EXPECT_EQ(check_verdict({24, true, 6, 6, 0}), Agreement::agrees);
    EXPECT_EQ(check_verdict({24, true, 6, 5, 0}), Agreement::disagrees);
    EXPECT_EQ(check_verdict({24, true, 5, 4, 1}), Agreement::disagrees);
    EXPECT_EQ(check_verdict({24, false, 6, 6, 0}), Agreement::disagrees);
    EXPECT_EQ(check_verdict({24, true, 5, 5, 1}), Agreement::open);
    EXPECT_EQ(check_verdict({24, true, 0, 0, 0}), Agreement::open);
    EXPECT_EQ(check_verdict({0, false, 6, 6, 0}), Agreement::open);
}

TEST(Verdict, TheLinearFormKeepsPsnr) {
    EXPECT_EQ(ablation_verdict(0.05), Agreement::agrees);
    EXPECT_EQ(ablation_verdict(0.06), Agreement::disagrees);
    EXPECT_EQ(ablation_verdict(not_finite), Agreement::disagrees);
}

TEST(Verdict, EveryCaseFallsOnTheSideOfTheTheory) {
    EXPECT_EQ(irreducible_verdict(30, 30, true), Agreement::agrees);
    EXPECT_EQ(irreducible_verdict(24, 24, false), Agreement::open);
    EXPECT_EQ(irreducible_verdict(29, 30, true), Agreement::disagrees);
    EXPECT_EQ(irreducible_verdict(23, 24, false), Agreement::disagrees);
}

TEST(Verdict, MoreInnerStepsRaiseTheLossByMoreThanItsSeedsDiffer) {
    const double chance = std::log(32.0);
    const std::vector<double> learned{1.0, 1.1};
    EXPECT_EQ(recall_verdict(learned, std::vector{1.5, 1.7}, chance), Agreement::agrees);
    EXPECT_EQ(recall_verdict(learned, std::vector{0.5, 0.7}, chance), Agreement::disagrees);
    EXPECT_EQ(recall_verdict(learned, std::vector{1.5, 1.0}, chance), Agreement::open) << "within the noise";
    EXPECT_EQ(recall_verdict(learned, std::vector{1.5, not_finite}, chance), Agreement::open);
    EXPECT_EQ(recall_verdict(std::vector{1.0}, std::vector{1.5}, chance), Agreement::open) << "one seed";
    EXPECT_EQ(recall_verdict(std::vector{3.2, 3.3}, std::vector{3.7, 3.9}, chance), Agreement::open)
        << "nothing was learned";
}

TEST(Verdict, NoTrainedRuleIsFarBelowTheBaseline) {
    EXPECT_EQ(trained_rules_verdict(25, 24, true, 0.2), Agreement::agrees);
    EXPECT_EQ(trained_rules_verdict(25, 25, true, 1), Agreement::agrees);
    EXPECT_EQ(trained_rules_verdict(25, 23.9, true, 0.2), Agreement::disagrees);
    EXPECT_EQ(trained_rules_verdict(25, not_finite, true, 0.2), Agreement::disagrees);
    for (const double lowest : {24.0, 23.9}) {
        EXPECT_EQ(trained_rules_verdict(25, lowest, false, 0), Agreement::open);
        EXPECT_EQ(trained_rules_verdict(25, lowest, true, 1.1), Agreement::open);
    }
}

}  // namespace
}  // namespace lact
