// How the list of experiments marks a run.
#include "app/ui/experiments_panel.h"
#include "app/ui/theme.h"

#include <memory>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

ExperimentMark mark_with(const ExperimentReport& report) {
    ExperimentOutcome outcome;
    outcome.report = std::make_shared<const ExperimentReport>(report);
    return mark_of(&outcome, palette(Theme::dark));
}

TEST(ExperimentsList, TheTooltipSaysWhatTheVerdictJudges) {
    ExperimentReport report;
    report.finished = true;
    report.condition = "Always.";
    report.agreement = Agreement::agrees;
    report.judges = "figure 1";
    report.not_judged = "the order of the rules";
    EXPECT_EQ(mark_with(report).tooltip,
              "Agrees with the paper on figure 1. Not judged: the order of the rules.");
    EXPECT_EQ(mark_with(report).text, icon::check);
    report.own_statement = "The symmetry";
    EXPECT_EQ(mark_with(report).tooltip, "The symmetry holds.");
    report.agreement = Agreement::disagrees;
    EXPECT_EQ(mark_with(report).tooltip, "The symmetry does not hold.");
    EXPECT_EQ(mark_with(report).text, icon::cross);
    report.agreement = Agreement::open;
    EXPECT_EQ(mark_with(report).tooltip, "Not decided.");
    report.condition.clear();
    EXPECT_EQ(mark_with(report).tooltip, "") << "there was nothing to decide";
    EXPECT_EQ(mark_of(nullptr, palette(Theme::dark)).text, "-");
}

TEST(ExperimentsList, WhatEndedEarlySaysWhy) {
    ExperimentOutcome outcome;
    outcome.problem = "no memory";
    EXPECT_EQ(mark_of(&outcome, palette(Theme::dark)).tooltip, "no memory");
    outcome.running = true;
    EXPECT_EQ(mark_of(&outcome, palette(Theme::dark)).text, "0 %");
}

}  // namespace

}  // namespace lact::app
