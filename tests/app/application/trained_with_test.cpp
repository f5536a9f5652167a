// Weights that were trained with a rule, in the window: random weights that say so stand for them, but for
// the bundled ones.
#include "app/commands/rule_controller.h"
#include "app/platform/assets.h"
#include "engine/session/model.h"
#include "tests/app/application/running.h"
#include "tests/support/environment.h"
#include "tests/support/rule_weights.h"
#include "tests/support/temporary_folder.h"

#include <cmath>
#include <filesystem>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using lact::test::Environment;
using test::errors;
using test::run;
using test::Running;
using test::start_null;

TEST(TrainedWith, TheRulePanelOpensWeightsThatWereTrainedWithTheRule) {
    const lact::test::TemporaryFolder folder;
    lact::test::write_rule_weights(folder.path());
    const Environment assets("LACT_ASSETS", folder.path().c_str());
    const Running running = start_null();
    run(running, "panel.show", {{"panel", "Rule"}});
    run(running, "rule.variant6");
    EXPECT_TRUE(running.program->snapshot()->state->rule_switched);
    run(running, "weights.open_trained_with");
    const auto now = running.program->snapshot();
    EXPECT_EQ(now->weights->trained_rule_text, "variant6");
    EXPECT_FALSE(now->state->rule_switched);
    EXPECT_EQ(now->state->rule_text, "variant6");
    run(running, "weights.open_trained_with", {{"rule", "baseline"}});
    EXPECT_EQ(running.program->snapshot()->weights->trained_rule_text, "baseline");
    EXPECT_EQ(running.program->snapshot()->state->rule_text, "baseline");
    EXPECT_EQ(errors(*running.program), 0);
    EXPECT_FALSE(running.run("weights.open_trained_with", {{"rule", "../rules/baseline"}}).has_value());
    // A rule that no weights were trained with: those of another one can still be named.
    run(running, "rule.mse");
    EXPECT_FALSE(running.run("weights.open_trained_with").has_value());
    run(running, "weights.open_trained_with", {{"rule", "variant6"}});
    EXPECT_EQ(running.program->snapshot()->weights->trained_rule_text, "variant6");
    EXPECT_TRUE(preset_of(*parse_update_rule("mse,steps=2")).empty());
    EXPECT_EQ(preset_of(*parse_update_rule("variant1,ns=fp32")), "variant1");
}

TEST(TrainedWith, TwoOfThemAreCompared) {
    const lact::test::TemporaryFolder folder;
    lact::test::write_rule_weights(folder.path());
    const Environment assets("LACT_ASSETS", folder.path().c_str());
    const Running running = start_null();
    run(running, "panel.show", {{"panel", "Compare"}});
    run(running, "compare.trained_with");
    const auto pair = running.program->snapshot()->pair;
    ASSERT_NE(pair, nullptr) << running.program->snapshot()->compare_problem;
    ASSERT_TRUE(pair->a.image && pair->b.image);
    ASSERT_TRUE(pair->figures.has_value());
    EXPECT_TRUE(std::isfinite(pair->figures->psnr)) << "both sides show the same image";
    EXPECT_EQ(errors(*running.program), 0);
    EXPECT_FALSE(running.run("compare.trained_with", {{"b", "mse"}}).has_value());
}

TEST(TrainedWith, WeightsOfEveryDifferentPresetComeWithTheProgram) {
    std::set<std::string> rules;
    for (const RulePreset& preset : rule_presets()) {
        if (!rules.insert(format(preset.rule)).second) {
            continue;  // Variant 5 is Variant 4 here.
        }
        const auto file = find_rule_weights(preset.name);
        ASSERT_TRUE(file.has_value()) << file.error().message();
        const auto model = Model::load(*file, {"cpu"});
        ASSERT_TRUE(model.has_value()) << model.error().message();
        EXPECT_TRUE(same_but_precision((*model)->trained_rule(), preset.rule)) << preset.name;
        EXPECT_EQ((*model)->info().families, std::vector<std::string>{"vehicles"}) << preset.name;
        EXPECT_LE((*model)->parameters(), 2'000'000) << preset.name;
        EXPECT_LE(std::filesystem::file_size(*file), 4'000'000U) << preset.name;
    }
    EXPECT_EQ(rules.size(), 9U);
}

}  // namespace

}  // namespace lact::app
