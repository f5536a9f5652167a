#include "engine/ttt/update_rule.h"

#include <random>

#include <gtest/gtest.h>

namespace lact {
namespace {

TEST(UpdateRule, EveryPresetIsReadFromItsName) {
    for (const RulePreset& preset : rule_presets()) {
        const auto parsed = parse_update_rule(preset.name);
        ASSERT_TRUE(parsed.has_value()) << preset.name;
        EXPECT_EQ(*parsed, preset.rule) << preset.name;
        EXPECT_EQ(validate(preset.rule), "") << preset.name;
    }
}

TEST(UpdateRule, FormatAndParseAreInverse) {
    std::mt19937 random(7);
    const auto coin = [&] { return random() % 2 == 0; };
    int valid = 0;
    for (int i = 0; i < 3000; ++i) {
        UpdateRule rule;
        rule.loss = coin() ? InnerLoss::dot : InnerLoss::mse;
        rule.direction = coin() ? Direction::descent : Direction::ascent;
        rule.inner_steps = static_cast<int>(1 + random() % 64);
        rule.momentum = coin();
        rule.orthogonalize = coin();
        if (rule.orthogonalize) {
            rule.ns_steps = static_cast<int>(random() % 11);
        }
        rule.ns_precision = static_cast<NsPrecision>(random() % 3);
        rule.weight_norm = coin();
        rule.per_token_rate = coin();
        rule.updated = coin() ? UpdatedMatrices::all : UpdatedMatrices::last;
        rule.kernel = coin() ? Kernel::swiglu : Kernel::identity;
        rule.read_with = coin() ? ReadWith::query : ReadWith::key;
        if (!validate(rule).empty()) {
            continue;
        }
        ++valid;
        const auto parsed = parse_update_rule(format(rule));
        ASSERT_TRUE(parsed.has_value()) << format(rule) << ": " << parsed.error().message();
        EXPECT_EQ(*parsed, rule) << format(rule);
    }
    EXPECT_GT(valid, 1000);
}

TEST(UpdateRule, SwitchesChangeAPreset) {
    const auto rule = parse_update_rule("variant1,steps=4,ns=fp32");
    ASSERT_TRUE(rule.has_value());
    EXPECT_EQ(rule->updated, UpdatedMatrices::last);
    EXPECT_EQ(rule->inner_steps, 4);
    EXPECT_EQ(rule->ns_precision, NsPrecision::fp32);
    EXPECT_EQ(format(*parse_update_rule("loss=mse")), "mse");
}

TEST(UpdateRule, NonsenseIsRefusedWithTheReason) {
    for (const char* text : {"", "nothing", "steps=0", "steps=65", "steps=x", "muon=11", "loss=l1",
                             "baseline,,", "steps=2,baseline", "kernel=identity", "norm"}) {
        const auto rule = parse_update_rule(text);
        ASSERT_FALSE(rule.has_value()) << text;
        EXPECT_FALSE(rule.error().what.empty()) << text;
    }
    EXPECT_NE(parse_update_rule("kernel=identity").error().what.find("update=last"), std::string::npos);
}

TEST(UpdateRule, WhatWeightsCannotRun) {
    const auto variant3 = *parse_update_rule("variant3");
    EXPECT_EQ(incompatibility(variant3, 64, 64, false), "");
    EXPECT_NE(incompatibility(variant3, 64, 128, false).find("128"), std::string::npos);
    EXPECT_NE(incompatibility(UpdateRule{}, 64, 64, true), "");
    EXPECT_EQ(incompatibility(*parse_update_rule("query-is-key"), 64, 64, true), "");
    EXPECT_NE(incompatibility(*parse_update_rule("momentum=on"), 64, 64, false), "");
}

}  // namespace
}  // namespace lact
