// What is on screen while something is computed: never a sentence or a value of another state as if current.
#include "app/ui/panel_widgets.h"
#include "tests/app/application/running.h"

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using test::run;
using test::Running;
using test::start_null;

TEST(Pending, TheRuleOnScreenIsNotCalledTrainedWhileAnotherIsComputed) {
    const Running running = start_null();
    const PanelServices services = running.program->services();
    EXPECT_EQ(rule_status(services).text, "as trained");
    ASSERT_TRUE(running.program->parameters().set("rule.steps", 16).has_value());
    EXPECT_EQ(services.snapshot->state->rule.inner_steps, 1) << "no frame brought a newer state";
    const RuleStatus pending = rule_status(services);
    EXPECT_TRUE(pending.pending);
    EXPECT_EQ(pending.text, "computing Baseline, 16 inner steps...");
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_FALSE(rule_status(services).pending);
    EXPECT_EQ(rule_status(services).text, "switched at inference");
    // Back, while the trained rule is not there yet.
    ASSERT_TRUE(running.run("rule.trained").has_value());
    EXPECT_TRUE(rule_status(services).pending);
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(rule_status(services).text, "as trained");
}

TEST(Pending, TheLastStepOfTheTourIsNotDoneBeforeItsRuleIsBack) {
    const Running running = start_null();
    run(running, "tour.start");
    const std::size_t pages = running.program->document().tour.pages.size();
    ASSERT_GT(pages, 2U);
    for (std::size_t i = 1; i + 1 < pages; ++i) {
        ASSERT_TRUE(running.run("tour.next").has_value());
        ASSERT_TRUE(running.program->shell().frame().has_value());
    }
    // The last "Next" comes while the step before it computes.
    ASSERT_TRUE(running.program->parameters().set("rule.steps", 16).has_value());
    ASSERT_TRUE(running.run("tour.next").has_value());
    running.program->shell().wake();
    ASSERT_TRUE(running.program->shell().frame().has_value());
    EXPECT_TRUE(running.program->document().tour.playing);
    ASSERT_TRUE(running.program->settle(120).has_value());
    EXPECT_FALSE(running.program->document().tour.playing);
    EXPECT_EQ(running.program->document().tour.step, pages - 1);
    EXPECT_FALSE(running.program->snapshot()->state->rule_switched);
}

}  // namespace

}  // namespace lact::app
