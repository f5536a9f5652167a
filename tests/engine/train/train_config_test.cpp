#include "engine/train/train_config.h"

#include "engine/train/sample_order.h"

#include <cstdint>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

using nlohmann::json;

json valid() {
    return {{"model", {{"layers", 2}, {"d", 64}, {"attention_head", 16}, {"ttt_head", 32}, {"patch", 8}}},
            {"stages",
             {{{"size", 32}, {"batch", 4}, {"inputs", {2, 6}}, {"targets", 3}, {"steps", 100}},
              {{"size", 64}, {"batch", 2}, {"steps", 300}, {"decay", "cosine"}, {"decay_fraction", 0.5}}}}};
}

TEST(TrainConfig, ReadsWhatIsThereAndKeepsDefaults) {
    json text = valid();
    text["optimizer"] = {{"kind", "adamw"}, {"clip", 0.5}};
    text["family"] = "both";
    const auto config = parse_train_config(text.dump(), "x.json");
    ASSERT_TRUE(config.has_value()) << config.error().message();
    EXPECT_EQ(config->model.d, 64);
    EXPECT_EQ(config->stages.size(), 2U);
    EXPECT_EQ(config->stages[0].inputs, (CountRange{2, 6}));
    EXPECT_EQ(config->stages[0].targets, (CountRange{3, 3}));
    EXPECT_EQ(config->stages[1].decay, Decay::cosine);
    EXPECT_EQ(config->optimizer.kind, OptimizerKind::adamw);
    EXPECT_EQ(config->optimizer.clip, 0.5);
    EXPECT_EQ(config->optimizer.beta1, OptimizerOptions{}.beta1);
    EXPECT_EQ(config->families, (std::vector{&general_family(), &scenes_family()}));
    EXPECT_EQ(config->steps(), 400);
}

TEST(TrainConfig, FormatIsTheInverseOfParse) {
    json text = valid();
    text.update({{"name", "a name"},
                 {"rule", "mse,steps=2"},
                 {"precision", "fp32"},
                 {"seed", 7},
                 {"first_seed", 123456},
                 {"augmentations", false},
                 {"checkpoint_minutes", 0.25},
                 {"gradient_difference_weight", 0.5},
                 {"gradient_difference_from", 0.7},
                 {"foreground_weight", 2},
                 {"auxiliary", {{"silhouette", 0.1}, {"position", 0.2}}},
                 {"augmentation_log_gamma", 0},
                 {"family", {"vehicles", "general"}},
                 {"cache", {{"views", 12}, {"reuse", 2}, {"scenes", 8}}}});
    text["stages"][1]["in_turn_with"] = {{{"size", 32}, {"batch", 6}, {"inputs", {1, 3}}, {"targets", 2}}};
    const auto config = parse_train_config(text.dump(), "x.json");
    ASSERT_TRUE(config.has_value()) << config.error().message();
    const auto again = parse_train_config(format_train_config(*config), "y.json");
    ASSERT_TRUE(again.has_value()) << again.error().message();
    EXPECT_EQ(*config, *again);
    EXPECT_EQ(config->stages[1].shape(1).batch, 6);
    EXPECT_EQ(config->stages[1].sizes(), (std::vector{64, 32}));
    EXPECT_EQ(incompatibility(*config, *again), "");
}

TEST(TrainConfig, AuxiliaryLossesNeedObjects) {
    json text = valid();
    text["auxiliary"] = {{"silhouette", 1}};
    EXPECT_TRUE(parse_train_config(text.dump(), "x.json"));
    text["family"] = {"vehicles", "scenes"};
    const auto config = parse_train_config(text.dump(), "x.json");
    ASSERT_FALSE(config);
    EXPECT_NE(config.error().message().find("scenes has scenes with surroundings"), std::string::npos)
        << config.error().message();
}

TEST(TrainConfig, ADecayBranchKeepsThePastAndEndsAtZero) {
    json text = valid();
    text["warm_up_steps"] = 0;
    text["stages"][0]["learning_rate"] = 2e-3;
    const auto config = parse_train_config(text.dump(), "x.json");
    ASSERT_TRUE(config) << config.error().message();
    const long long first = config->stages[0].steps;
    for (const long long step : {5LL, first, first + 3}) {
        const auto branch = decay_branch(*config, step, 20);
        ASSERT_TRUE(branch) << branch.error().message();
        EXPECT_EQ(branch->steps(), step + 20);
        const TrainStage& decay = branch->stages.back();
        EXPECT_EQ(decay.size, config->stages[step > first ? 1 : 0].size);
        EXPECT_NEAR(learning_rate(*branch, step), learning_rate(*config, step - 1), 1e-15);
        EXPECT_NEAR(learning_rate(*branch, step + 10), learning_rate(*config, step - 1) / 2, 1e-12);
        EXPECT_LT(learning_rate(*branch, step + 19), learning_rate(*config, step - 1) / 15);
        // It reads back, and samples of the past are the same: nothing is trained on twice.
        EXPECT_EQ(*parse_train_config(format_train_config(*branch), "y.json"), *branch);
        EXPECT_EQ(SampleOrder(*branch).samples_before(step), SampleOrder(*config).samples_before(step));
    }
    EXPECT_FALSE(decay_branch(*config, 0, 20));
    EXPECT_FALSE(decay_branch(*config, config->steps() + 1, 20));
}

TEST(TrainConfig, ADecayBranchBeforeAStageWithTurnsSeesNoWorldAgain) {
    json text = valid();
    text["stages"][1]["in_turn_with"] = {{{"size", 32}, {"batch", 6}, {"inputs", {1, 3}}, {"targets", 2}}};
    text["cache"] = {{"reuse", 1}, {"scenes", 8}};  // Every world is used once.
    const auto config = parse_train_config(text.dump(), "x.json");
    ASSERT_TRUE(config) << config.error().message();
    constexpr long long cut = 50;
    const auto branch = decay_branch(*config, cut, 50);
    ASSERT_TRUE(branch) << branch.error().message();
    EXPECT_EQ(*parse_train_config(format_train_config(*branch), "y.json"), *branch);
    const SampleOrder run(*config);
    const SampleOrder after(*branch);
    std::set<std::uint64_t> seen;
    for (long long step = 0; step < cut; ++step) {
        const BatchPlan plan = run.batch(step);
        for (const SamplePlan& sample : plan.samples) {
            seen.insert(sample.seed);
        }
    }
    EXPECT_EQ(seen.size(), 200U);
    for (long long step = cut; step < after.steps(); ++step) {
        const BatchPlan plan = after.batch(step);
        for (const SamplePlan& sample : plan.samples) {
            EXPECT_TRUE(seen.insert(sample.seed).second) << "world " << sample.seed << ", step " << step;
        }
    }
}

TEST(TrainConfig, ErrorsNameFieldValueAndRange) {
    struct Case {
        const char* pointer;
        json value;
        std::vector<const char*> words;
    };
    const std::vector<Case> cases{
        {"/model/layers", 0, {"model.layers", "is 0", "1 to 256"}},
        {"/model/d", "wide", {"model.d", "\"wide\"", "whole number"}},
        {"/model/d", 2.5, {"model.d", "2.5"}},
        {"/model/attention_head", 24, {"model.attention_head", "24", "d = 64"}},
        {"/model/ttt_head", 48, {"model.ttt_head", "48"}},
        {"/model/hidden_multiple", 0, {"model.hidden_multiple", "0.01"}},
        {"/model/hidden_multiple", 0.01, {"model.hidden_multiple", "is 0.01", "ttt_head = 32"}},
        {"/model/heads", 4, {"model.heads", "unknown", "ttt_head"}},
        {"/model", 3, {"model", "an object"}},
        {"/rule", "nonsense", {"rule", "nonsense"}},
        {"/rule", "", {"rule", "a text"}},
        {"/family", "cats", {"family", "\"cats\"", "vehicles", "general", "scenes"}},
        {"/stages", json::array(), {"stages", "at least one"}},
        {"/stages/0/size", 36, {"stages[0].size", "36", "patch, 8"}},
        {"/stages/0/batch", -1, {"stages[0].batch", "-1"}},
        {"/stages/0/inputs", {6, 2}, {"stages[0].inputs", "[6,2]", "fewest <= most"}},
        {"/stages/0/inputs", {2, 14}, {"stages[0]", "14 inputs", "3 targets", "cache.views"}},
        {"/stages/1/decay", "slow", {"stages[1].decay", "cosine"}},
        {"/stages/1/decay_fraction", 1.5, {"stages[1].decay_fraction", "1.5"}},
        {"/stages/1/learning_rate", -1e-3, {"stages[1].learning_rate", "-0.001"}},
        {"/stages/1/end_learning_rate", 0.5, {"stages[1].end_learning_rate", "0.5"}},
        {"/stages/1/steps", 0, {"stages[1].steps", "is 0"}},
        {"/stages/1/lr", 0.5, {"stages[1].lr", "unknown"}},
        {"/stages/1/in_turn_with", json::array(), {"stages[1].in_turn_with", "at least one"}},
        {"/stages/1/in_turn_with", {{{"size", 36}}}, {"stages[1].in_turn_with[0].size", "36", "patch, 8"}},
        {"/stages/1/in_turn_with",
         {{{"size", 32}, {"steps", 5}}},
         {"stages[1].in_turn_with[0].steps", "unknown"}},
        {"/optimizer", {{"kind", "sgd"}}, {"optimizer.kind", "muon", "adamw"}},
        {"/optimizer", {{"ema_decay", 1}}, {"optimizer.ema_decay", "is 1"}},
        {"/precision", "fp8", {"precision", "fp8", "bf16", "auto"}},
        {"/family", json::array(), {"family", "at least one"}},
        {"/family", {"vehicles", 3}, {"family", "[\"vehicles\",3]"}},
        {"/foreground_weight", -1, {"foreground_weight", "-1"}},
        {"/auxiliary", {{"depth", 1}}, {"auxiliary.depth", "unknown", "position"}},
        {"/gradient_difference_from", 2, {"gradient_difference_from", "is 2"}},
        {"/augmentations", 1, {"augmentations", "true or false"}},
        {"/first_seed", 90000000, {"first_seed", "90000000", "89999999"}},
        {"/cache", {{"views", 1}}, {"cache.views", "2 to"}},
        {"/cache", {{"reuse", 9}, {"scenes", 3}}, {"cache.scenes", "cache.reuse = 9"}},
        {"/checkpoint_minutes", nullptr, {"checkpoint_minutes", "null"}},
        {"/speed", 3, {"speed", "unknown", "stages"}}};
    for (const Case& one : cases) {
        json text = valid();
        text[json::json_pointer(one.pointer)] = one.value;
        const auto config = parse_train_config(text.dump(), "x.json");
        ASSERT_FALSE(config.has_value()) << one.pointer << " " << one.value;
        const std::string message = config.error().message();
        EXPECT_NE(message.find("x.json"), std::string::npos) << message;
        for (const char* word : one.words) {
            EXPECT_NE(message.find(word), std::string::npos) << one.pointer << ": " << message;
        }
    }
    for (const char* missing : {"model", "stages"}) {
        json text = valid();
        text.erase(missing);
        const auto config = parse_train_config(text.dump(), "x.json");
        ASSERT_FALSE(config.has_value());
        EXPECT_NE(config.error().message().find("is missing"), std::string::npos);
    }
    for (const char* text : {"", "[]", "{", "3", "{\"model\": NaN}"}) {
        EXPECT_FALSE(parse_train_config(text, "x.json").has_value()) << text;
    }
}

TEST(TrainConfig, ShippedOnesAreValid) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(LACT_ASSETS_DIR "/train")) {
        if (entry.is_directory()) {
            continue;  // Sweeps have a test of their own.
        }
        const auto config = load_train_config(entry.path());
        EXPECT_TRUE(config.has_value()) << config.error().message();
        ++count;
    }
    EXPECT_GE(count, 2U);
    EXPECT_FALSE(load_train_config("/nowhere.json").has_value());
}

TEST(TrainConfig, StagesKeepTheirSharesOfFewerSteps) {
    const TrainConfig config = *parse_train_config(valid().dump(), "x.json");
    for (const long long steps : {2, 3, 7, 40, 400, 1001}) {
        const auto shorter = with_steps(config, steps);
        ASSERT_TRUE(shorter.has_value());
        EXPECT_EQ(shorter->steps(), steps);
        EXPECT_GE(shorter->stages[0].steps, 1);
        EXPECT_GE(shorter->stages[1].steps, 1);
    }
    EXPECT_EQ(with_steps(config, 40)->stages[0].steps, 10);
    EXPECT_FALSE(with_steps(config, 1).has_value());
}

TEST(TrainConfig, WhatIsLearnedMayNotChangeInTheMiddle) {
    const TrainConfig before = *parse_train_config(valid().dump(), "x.json");
    TrainConfig now = before;
    now.checkpoint_minutes = 1;
    now.evaluation_steps = 7;
    now.threads = 3;
    EXPECT_EQ(incompatibility(before, now), "");
    now.stages[1].batch = 5;
    const std::string reason = incompatibility(before, now);
    EXPECT_NE(reason.find("stages[1].batch: 5, not 2"), std::string::npos) << reason;
    now = before;
    now.stages[1].in_turn_with.push_back({});
    EXPECT_NE(incompatibility(before, now), "") << "what only one of them has";
    EXPECT_NE(incompatibility(now, before), "");
    now = before;
    now.stages.pop_back();
    EXPECT_NE(incompatibility(before, now), "");
}

TEST(LearningRate, WarmsUpAndFallsOverTheLastPartOfAStage) {
    TrainConfig config;
    config.warm_up_steps = 4;
    TrainStage stage;
    stage.steps = 100;
    stage.learning_rate = 1;
    config.stages.push_back(stage);
    stage.learning_rate = 0.5;
    stage.end_learning_rate = 0.1;
    stage.decay = Decay::linear;
    stage.decay_fraction = 0.5;
    config.stages.push_back(stage);
    stage.decay = Decay::cosine;
    stage.decay_fraction = 1;
    config.stages.push_back(stage);
    EXPECT_DOUBLE_EQ(learning_rate(config, 0), 0.25);
    EXPECT_DOUBLE_EQ(learning_rate(config, 2), 0.75);
    EXPECT_DOUBLE_EQ(learning_rate(config, 3), 1);
    EXPECT_DOUBLE_EQ(learning_rate(config, 99), 1);
    EXPECT_DOUBLE_EQ(learning_rate(config, 100), 0.5);
    EXPECT_DOUBLE_EQ(learning_rate(config, 150), 0.5);
    EXPECT_NEAR(learning_rate(config, 175), 0.3, 1e-12);
    EXPECT_NEAR(learning_rate(config, 199), 0.108, 1e-12);
    EXPECT_DOUBLE_EQ(learning_rate(config, 200), 0.5);
    EXPECT_NEAR(learning_rate(config, 250), 0.3, 1e-12);
    EXPECT_GT(learning_rate(config, 230), 0.38);  // above the straight line
    EXPECT_NEAR(learning_rate(config, 299), 0.1, 1e-3);
    for (long long step = 201; step < 300; ++step) {
        EXPECT_LT(learning_rate(config, step), learning_rate(config, step - 1));
    }
}

}  // namespace
}  // namespace lact
