#include "engine/ttt/update_rule.h"

#include "engine/ttt/rule_schema.h"
#include "engine/ttt/sequence_rule.h"
#include "tests/support/golden.h"

#include <array>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

/// What each preset changes, from section 4 and table 2 of arXiv 2602.21204; for LaCT-NVS, which has no
/// momentum. `golden` is the name of the rule in the released ablations.
struct PresetFacts {
    const char* name;
    const char* golden;
    InnerLoss loss;
    Direction direction;
    ReadWith read_with;
    UpdatedMatrices updated;
    Kernel kernel;
    bool weight_norm;
    bool per_token_rate;
    bool orthogonalize;
};
constexpr std::array<PresetFacts, 10> preset_facts = {
    {{"baseline", "baseline", InnerLoss::dot, Direction::descent, ReadWith::query, UpdatedMatrices::all,
      Kernel::swiglu, true, true, true},
     {"ascent", "ga", InnerLoss::dot, Direction::ascent, ReadWith::query, UpdatedMatrices::all,
      Kernel::swiglu, true, true, true},
     {"mse", "mse", InnerLoss::mse, Direction::descent, ReadWith::query, UpdatedMatrices::all, Kernel::swiglu,
      true, true, true},
     {"query-is-key", "no_query", InnerLoss::dot, Direction::descent, ReadWith::key, UpdatedMatrices::all,
      Kernel::swiglu, true, true, true},
     {"variant1", "only_w1", InnerLoss::dot, Direction::descent, ReadWith::query, UpdatedMatrices::last,
      Kernel::swiglu, true, true, true},
     {"variant2", "only_w1_no_wn", InnerLoss::dot, Direction::descent, ReadWith::query, UpdatedMatrices::last,
      Kernel::swiglu, false, true, true},
     {"variant3", "only_w1_straight_qk_no_wn", InnerLoss::dot, Direction::descent, ReadWith::query,
      UpdatedMatrices::last, Kernel::identity, false, true, true},
     {"variant4", "only_w1_straight_qk_no_lr1_no_wn", InnerLoss::dot, Direction::descent, ReadWith::query,
      UpdatedMatrices::last, Kernel::identity, false, false, true},
     {"variant5", "only_w1_straight_qk_no_lr1_no_wn", InnerLoss::dot, Direction::descent, ReadWith::query,
      UpdatedMatrices::last, Kernel::identity, false, false, true},
     {"variant6", "only_w1_straight_qk_no_lr1_no_wn_muon", InnerLoss::dot, Direction::descent,
      ReadWith::query, UpdatedMatrices::last, Kernel::identity, false, false, false}}};

TEST(UpdateRule, EveryPresetIsWhatThePaperSays) {
    EXPECT_EQ(rule_presets().size(), preset_facts.size());
    for (const PresetFacts& facts : preset_facts) {
        SCOPED_TRACE(facts.name);
        const auto rule = parse_update_rule(facts.name);
        ASSERT_TRUE(rule.has_value());
        EXPECT_EQ(rule->loss, facts.loss);
        EXPECT_EQ(rule->direction, facts.direction);
        EXPECT_EQ(rule->read_with, facts.read_with);
        EXPECT_EQ(rule->updated, facts.updated);
        EXPECT_EQ(rule->kernel, facts.kernel);
        EXPECT_EQ(rule->weight_norm, facts.weight_norm);
        EXPECT_EQ(rule->per_token_rate, facts.per_token_rate);
        EXPECT_EQ(rule->orthogonalize, facts.orthogonalize);
        EXPECT_EQ(rule->inner_steps, 1);
        EXPECT_EQ(rule->ns_steps, 5);
        EXPECT_EQ(rule->ns_precision, NsPrecision::bf16);
        EXPECT_FALSE(rule->momentum);
        EXPECT_EQ(validate(*rule), "");
        // The golden tests compare this rule with the output of the released code.
        EXPECT_EQ(*rule, test::golden_rule(facts.golden, "ns5_bf16"));
    }
}

TEST(SequenceRule, MomentumEndsWithVariant5) {
    constexpr std::array<bool, 7> momentum = {true, true, true, true, true, false, false};
    constexpr std::array names = {"baseline", "variant1", "variant2", "variant3",
                                  "variant4", "variant5", "variant6"};
    for (int row = 0; row < 7; ++row) {
        const auto rule = table2_rule(row);
        ASSERT_TRUE(rule.has_value()) << row;
        EXPECT_EQ(rule->rule.momentum, momentum[static_cast<std::size_t>(row)]) << row;
        UpdateRule without = rule->rule;
        without.momentum = false;
        EXPECT_EQ(without, *parse_update_rule(names[static_cast<std::size_t>(row)])) << row;
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
        for (const char* text : {one.title, one.label, one.noun, one.tooltip}) {
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

TEST(RuleLabel, NamesEveryPreset) {
    std::vector<std::string> labels;
    for (const RulePreset& preset : rule_presets()) {
        labels.push_back(rule_label(preset.rule));
        EXPECT_TRUE(preset.paper.starts_with(labels.back()) || preset.name == "variant5") << labels.back();
    }
    // Without momentum Variant 5 is Variant 4.
    EXPECT_EQ(labels, (std::vector<std::string>{"Baseline", "Gradient ascent", "MSE loss",
                                                "Query replaced by key", "Variant 1", "Variant 2",
                                                "Variant 3", "Variant 4", "Variant 4", "Variant 6"}));
}

TEST(RuleLabel, NamesEverySwitchThatDiffersFromThePreset) {
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"baseline,steps=16", "Baseline, 16 inner steps"},
        {"momentum=on", "Baseline, momentum on"},
        {"muon=off", "Baseline, Muon off"},
        {"muon=1", "Baseline, 1 Newton-Schulz step"},
        {"ns=fp32", "Baseline, Newton-Schulz precision fp32"},
        {"norm=off", "Baseline, weight norm off"},
        {"rate=off", "Baseline, per-token rates off"},
        {"mse,direction=ascent", "Gradient ascent, inner loss MSE"},
        {"mse,update=last", "MSE loss, updated matrices W1 only"},
        {"mse,read=key", "MSE loss, read with key"},
        {"mse,steps=4,norm=off", "MSE loss, 4 inner steps, weight norm off"},
        {"variant3,steps=2", "Variant 3, 2 inner steps"},
        {"kernel=identity,update=last", "Variant 1, kernel identity"},
        {"variant6,ns=fp16", "Variant 6"},  // without Muon the precision has no effect
    };
    for (const auto& [text, label] : expected) {
        const auto rule = parse_update_rule(text);
        ASSERT_TRUE(rule.has_value()) << text;
        EXPECT_EQ(rule_label(*rule), label) << text;
    }
}

TEST(RuleLabel, ChangesWithEveryValueOfASwitch) {
    for (const RuleSwitch& one : rule_switches()) {
        std::set<std::string> labels;
        for (const int value : all_values(one)) {
            UpdateRule rule;
            change_switch(rule, one, value);
            labels.insert(rule_label(rule));
        }
        EXPECT_EQ(labels.size(), all_values(one).size()) << one.key;
    }
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
