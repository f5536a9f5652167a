#include "engine/ttt/update_rule.h"

#include "engine/ttt/rule_schema.h"

#include <random>
#include <set>

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

TEST(UpdateRule, EverySwitchRoundTripsThroughTextForEveryValue) {
    for (const RuleSwitch& one : rule_switches()) {
        std::set<std::string> texts;
        for (const int value : all_values(one)) {
            UpdateRule rule;
            change_switch(rule, one, value);
            EXPECT_EQ(one.get(rule), value) << one.key;
            EXPECT_EQ(validate(rule), "") << one.key << " " << value;
            const auto parsed = parse_update_rule(format(rule));
            ASSERT_TRUE(parsed.has_value()) << format(rule) << ": " << parsed.error().message();
            EXPECT_EQ(*parsed, rule) << format(rule);
            const std::string text = value_text(rule, one.key);
            UpdateRule set;
            ASSERT_TRUE(set_from_text(set, one.key, text).has_value()) << one.key << "=" << text;
            EXPECT_EQ(one.get(set), value) << one.key << "=" << text;
            texts.insert(text);
        }
        EXPECT_EQ(texts.size(), all_values(one).size()) << one.key;
        EXPECT_GE(texts.size(), 2U) << one.key;
    }
}

TEST(UpdateRule, TheSchemaNamesEveryMemberAndEveryParameterOnce) {
    EXPECT_EQ(rule_syntax(),
              "loss=dot|mse, direction=descent|ascent, steps=1..64, momentum=on|off, muon=off|0..10, "
              "ns=bf16|fp16|fp32, norm=on|off, rate=on|off, update=all|last, kernel=swiglu|identity, "
              "read=query|key");
    std::set<std::string_view> parameters;
    for (const RuleSwitch& one : rule_switches()) {
        for (const char* text : {one.title, one.label, one.tooltip}) {
            EXPECT_NE(std::string_view(text), "") << one.key;
        }
        if (one.parameter.empty()) {
            EXPECT_EQ(one.key, "momentum");  // no weights that the program opens can use it
            continue;
        }
        EXPECT_TRUE(parameters.insert(one.parameter).second) << one.parameter;
        EXPECT_EQ(find_rule_switch(one.parameter), &one);
    }
    EXPECT_EQ(find_rule_switch(""), nullptr);
    EXPECT_EQ(find_rule_switch("momentum"), nullptr);
}

TEST(UpdateRule, TheTextOfMuonIsOffOrItsNumberOfSteps) {
    EXPECT_EQ(parse_update_rule("muon=0")->ns_steps, 0);
    EXPECT_TRUE(parse_update_rule("muon=0")->orthogonalize);
    EXPECT_EQ(format(*parse_update_rule("muon=off,ns=fp32")), "baseline,muon=off,ns=fp32");
    EXPECT_EQ(parse_update_rule("muon=3,muon=off")->ns_steps, UpdateRule{}.ns_steps);
    EXPECT_NE(parse_update_rule("muon=on").error().what.find("muon=on is not a number from 0 to 10"),
              std::string::npos);
    EXPECT_NE(parse_update_rule("loss=l1").error().message().find("loss is one of dot, mse."),
              std::string::npos);
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
