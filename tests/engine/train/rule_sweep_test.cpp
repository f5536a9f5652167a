#include "engine/train/rule_sweep.h"

#include "engine/model/checkpoint.h"
#include "tests/support/sphere_world.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

TrainConfig tiny_config() {
    const auto config = parse_train_config(R"({
        "name": "tiny",
        "model": {"layers": 1, "d": 32, "attention_head": 16, "ttt_head": 16, "patch": 8},
        "stages": [{"size": 16, "batch": 2, "inputs": 1, "targets": 1, "steps": 3, "learning_rate": 1e-3}],
        "precision": "fp32", "cache": {"views": 4, "reuse": 2, "scenes": 4}, "threads": 1, "loader_threads": 1,
        "evaluation_scenes": 2})",
                                           "tiny.json");
    EXPECT_TRUE(config) << (config ? "" : config.error().message());
    return config.value_or(TrainConfig{});
}

std::vector<std::string> names_of(const Sweep& sweep) {
    std::vector<std::string> names;
    for (const SweepEntry& entry : sweep.entries) {
        names.push_back(entry.name);
    }
    return names;
}

TEST(RuleSweep, AllAreTheNineDifferentRules) {
    const auto sweep = rule_sweep(tiny_config(), "all", {1, 2});
    ASSERT_TRUE(sweep) << sweep.error().message();
    EXPECT_EQ(names_of(*sweep),
              (std::vector<std::string>{"baseline", "ascent", "mse", "query-is-key", "variant1", "variant2",
                                        "variant3", "variant4", "variant6"}));
    EXPECT_EQ(sweep->minutes, 0);
    EXPECT_EQ(sweep->entries[0].seeds, (std::vector<std::uint64_t>{1, 2, 3}));
    EXPECT_EQ(sweep->entries[1].seeds, (std::vector<std::uint64_t>{1, 2}));
    for (const SweepEntry& entry : sweep->entries) {
        const auto rule = parse_update_rule(entry.config.rule);
        ASSERT_TRUE(rule) << entry.name;
        EXPECT_EQ(format(*rule), entry.name);
        EXPECT_EQ(entry.config.steps(), 3);
    }
}

TEST(RuleSweep, ChosenRulesFollowTheBaseline) {
    const auto sweep = rule_sweep(tiny_config(), "variant6,variant1", {7});
    ASSERT_TRUE(sweep) << sweep.error().message();
    EXPECT_EQ(names_of(*sweep), (std::vector<std::string>{"baseline", "variant6", "variant1"}));
    EXPECT_EQ(sweep->entries[0].seeds, (std::vector<std::uint64_t>{7, 8}));
    const auto named = rule_sweep(tiny_config(), "mse,baseline", {7});
    ASSERT_TRUE(named) << named.error().message();
    EXPECT_EQ(names_of(*named), (std::vector<std::string>{"baseline", "mse"}));
}

TEST(RuleSweep, WhatIsWrongIsNamed) {
    const auto message = [](std::string_view rules, const std::vector<std::uint64_t>& seeds) {
        const auto sweep = rule_sweep(tiny_config(), rules, seeds);
        return sweep ? std::string() : sweep.error().message();
    };
    EXPECT_NE(message("variant9", {1}).find("'variant9' is not known"), std::string::npos);
    EXPECT_NE(message("", {1}).find("'' is not known"), std::string::npos);
    EXPECT_NE(message("mse,mse", {1}).find("twice"), std::string::npos);
    EXPECT_NE(message("variant4,variant5", {1}).find("equals another"), std::string::npos);
    EXPECT_NE(message("all", {}).find("seeds"), std::string::npos);
    EXPECT_NE(message("all", {1, 1}).find("each seed once"), std::string::npos);
    // The identity kernel needs as many hidden units as channels.
    TrainConfig wide_model = tiny_config();
    wide_model.model.hidden_multiple = 2;
    const auto sweep = rule_sweep(wide_model, "variant3", {1});
    ASSERT_FALSE(sweep);
    EXPECT_NE(sweep.error().message().find("variant3"), std::string::npos) << sweep.error().message();
}

TEST(RuleSweep, TrainsWithEachRuleAndTheTableHasThePaperBesideIt) {
    const test::TemporaryFolder folder;
    const auto sweep = rule_sweep(tiny_config(), "variant1,mse", {1});
    ASSERT_TRUE(sweep) << sweep.error().message();
    TrainRequest request;
    request.output = folder.path();
    request.device = "cpu";
    request.draw = test::sphere_views;
    const auto rows = run_sweep(*sweep, request, {});
    ASSERT_TRUE(rows) << rows.error().message();
    const auto weights = load_checkpoint(folder.path() / "mse-1" / "weights.safetensors");
    ASSERT_TRUE(weights) << weights.error().message();
    EXPECT_EQ(weights->info.rule, "mse");
    const std::string table = format_rule_table(*sweep, *rows);
    // arXiv 2602.21204: 25.94 dB for the baseline, 25.97 for Variant 1.
    EXPECT_NE(table.find("| Baseline | 2 | "), std::string::npos) << table;
    EXPECT_NE(table.find("| – | 25.94 | – |"), std::string::npos) << table;
    EXPECT_NE(table.find("| 25.97 | +0.03 |"), std::string::npos) << table;
    EXPECT_NE(table.find("| MSE loss | 1 | "), std::string::npos) << table;
    EXPECT_NE(table.find("2 held-out scenes"), std::string::npos) << table;
}

TEST(RuleSweep, ARowOfFailuresHasAsManyCellsAsTheOthers) {
    const auto sweep = rule_sweep(tiny_config(), "mse", {1});
    ASSERT_TRUE(sweep) << sweep.error().message();
    SweepResult right;
    right.score.psnr = 20;
    SweepResult failed;
    failed.failure = "no memory";
    const std::string table = format_rule_table(*sweep, {{"baseline", {right}}, {"mse", {failed}}});
    const auto pipes_of_line = [&table](const std::string& begin) {
        const std::size_t from = table.find(begin);
        EXPECT_NE(from, std::string::npos) << begin << " is not in\n" << table;
        const std::string line = table.substr(from, table.find('\n', from) - from);
        return std::count(line.begin(), line.end(), '|');
    };
    EXPECT_EQ(pipes_of_line("| MSE loss | 0 (1 failed) |"), pipes_of_line("| Baseline | 1 |"));
    EXPECT_EQ(pipes_of_line("| Baseline | 1 |"), pipes_of_line("| trained with |"));
}

TEST(RuleSweep, OneSeedHasNoSpread) {
    const auto sweep = rule_sweep(tiny_config(), "mse", {1});
    ASSERT_TRUE(sweep) << sweep.error().message();
    SweepResult first;
    first.score.psnr = 20;
    first.score.psnr_foreground = 15;
    SweepResult second = first;
    second.score.psnr = 20.2;
    const std::string table = format_rule_table(*sweep, {{"baseline", {first, second}}, {"mse", {first}}});
    EXPECT_NE(table.find("| Baseline | 2 | 20.10 ± 0.14 | 15.00 ± 0.00 |"), std::string::npos) << table;
    EXPECT_NE(table.find("| MSE loss | 1 | 20.00 | 15.00 |"), std::string::npos) << table;
}

TEST(RuleSweep, TheShippedConfigurationRunsEveryRule) {
    const auto config = load_train_config(LACT_ASSETS_DIR "/train/rules.json");
    ASSERT_TRUE(config) << config.error().message();
    const auto sweep = rule_sweep(*config, "all", {1, 2});
    EXPECT_TRUE(sweep) << (sweep ? "" : sweep.error().message());
}

}  // namespace
}  // namespace lact
