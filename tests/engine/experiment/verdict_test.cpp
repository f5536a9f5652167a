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

TEST(Verdict, LinearAttentionGivesTheSameImageInFp64) {
    EXPECT_EQ(linear_rendering_verdict(1e-6, 1e-6, true), Agreement::agrees);
    EXPECT_EQ(linear_rendering_verdict(1e-6, 0, false), Agreement::open);
    for (const bool all : {true, false}) {
        for (const double of_many_steps : {0.0, 0.1, not_finite}) {
            EXPECT_EQ(linear_rendering_verdict(2e-6, of_many_steps, all), Agreement::disagrees);
            EXPECT_EQ(linear_rendering_verdict(not_finite, of_many_steps, all), Agreement::disagrees);
        }
        // So many steps amplify rounding until even fp64 results differ.
        EXPECT_EQ(linear_rendering_verdict(0, 2e-6, all), Agreement::open);
        EXPECT_EQ(linear_rendering_verdict(0, not_finite, all), Agreement::open);
    }
}

TEST(Verdict, FiguresOfThePaperAreJudgedWithTheRuleOfTheTraining) {
    EXPECT_EQ(figure_verdict(true, true), Agreement::agrees);
    EXPECT_EQ(figure_verdict(false, true), Agreement::disagrees);
    EXPECT_EQ(figure_verdict(true, false), Agreement::open);
    EXPECT_EQ(figure_verdict(false, false), Agreement::open);
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

CaseRange range_of(const std::vector<double>& differences) {
    CaseRange range;
    for (const double one : differences) {
        range.add(one);
    }
    return range;
}

/// Of one case beside two that are as the theory says.
Agreement verdict_with(const std::vector<double>& differences, bool reduces, bool all_measured = true) {
    CaseCounts counts;
    counts.add(range_of({1e-13, 1e-12}), true);
    counts.add(range_of({0.1, 0.2}), false);
    counts.add(range_of(differences), reduces);
    return irreducible_verdict(counts, all_measured);
}

TEST(Verdict, EveryCaseFallsOnTheSideOfTheTheory) {
    for (const bool all : {true, false}) {
        EXPECT_EQ(verdict_with({1e-13, 1e-9}, true, all), all ? Agreement::agrees : Agreement::open);
        EXPECT_EQ(verdict_with({1e-6, 0.3}, false, all), all ? Agreement::agrees : Agreement::open);
        EXPECT_EQ(verdict_with({1e-6, 0.3}, true, all), Agreement::disagrees);
        EXPECT_EQ(verdict_with({1e-13, 1e-9}, false, all), Agreement::disagrees);
    }
}

TEST(Verdict, ACaseBetweenTheSidesDecidesNothing) {
    for (const bool reduces : {true, false}) {
        EXPECT_EQ(verdict_with({2e-9}, reduces), Agreement::open);
        EXPECT_EQ(verdict_with({5e-7}, reduces), Agreement::open);
        EXPECT_EQ(verdict_with({}, reduces), Agreement::agrees) << "not measured, so not counted";
    }
    // In all heads but one.
    EXPECT_EQ(verdict_with({1e-13, 1e-8}, true), Agreement::open);
    EXPECT_EQ(verdict_with({1e-8, 0.3}, false), Agreement::open);
    EXPECT_EQ(side_of(range_of({1e-13, 1e-8})), CaseSide::undecided);
    EXPECT_EQ(side_of(range_of({1e-8, 0.3})), CaseSide::undecided);
    EXPECT_EQ(side_of(range_of({1e-13, 0.3})), CaseSide::mixed);
    // One head on the other side is enough to disagree.
    EXPECT_EQ(verdict_with({1e-13, 1e-3}, true), Agreement::disagrees);
    EXPECT_EQ(verdict_with({1e-13, 0.3}, false), Agreement::disagrees);
    EXPECT_EQ(verdict_with({1e-13, not_finite}, true), Agreement::disagrees) << "does not pass for small";
}

TEST(Verdict, MoreInnerStepsRaiseTheLossByMoreThanSeedsAloneMay) {
    const double chance = std::log(32.0);
    const auto with_rises = [&](const std::vector<double>& rises, double one_step = 1.05) {
        return recall_verdict(one_step, spread_of(rises), chance);
    };
    EXPECT_EQ(with_rises({0.5, 0.51}), Agreement::agrees);
    EXPECT_EQ(with_rises({-0.5, -0.49}), Agreement::disagrees);
    EXPECT_EQ(with_rises({0.5, -0.1}), Agreement::open) << "within the noise";
    // Eleven standard errors, which two seeds alone pass in 6 % of all cases.
    EXPECT_EQ(with_rises({0.5, 0.6}), Agreement::open);
    EXPECT_EQ(with_rises({0.5, 0.6, 0.5}), Agreement::agrees) << "three seeds tell more";
    EXPECT_EQ(with_rises({0.5, not_finite}), Agreement::open);
    EXPECT_EQ(with_rises({0.5}), Agreement::open) << "one seed";
    EXPECT_EQ(with_rises({0.5, 0.51}, 3.25), Agreement::open) << "nothing was learned";
    EXPECT_EQ(with_rises({0.5, 0.51}, not_finite), Agreement::open);
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
