#include "engine/model/checkpoint.h"
#include "engine/ttt/update_rule.h"

#include <string>

#include <gtest/gtest.h>

namespace lact {
namespace {

TEST(WeightsInfo, AllFields) {
    const std::string json = R"({"name":"n","config":{"layers":2,"d":8,"attention_head":4,"ttt_head":8,
        "hidden_multiple":1.5,"patch":8,"query_is_key":true},"rule":"mse","ns_precision":"fp32",
        "trained_sizes":[[32,48],[64,64]],"trained_views":[4,6],"train_radius":2.66,"background":"white","hours":1})";
    const auto info = parse_weights_info(json);
    ASSERT_TRUE(info.has_value()) << info.error().message();
    EXPECT_EQ(info->name, "n");
    EXPECT_EQ(info->rule, "mse");
    EXPECT_FALSE(info->rule_assumed);
    EXPECT_EQ(info->trained_rule(), "mse");
    EXPECT_EQ(info->ns_precision, "fp32");
    EXPECT_EQ(info->trained_sizes, (std::vector<std::array<int, 2>>{{32, 48}, {64, 64}}));
    EXPECT_EQ(info->trained_views, (std::array<int, 2>{4, 6}));
    EXPECT_EQ(info->train_radius, 2.66);
    EXPECT_EQ(info->background, "white");
    EXPECT_EQ(info->metadata_json, json);
    const auto declared = parse_declared_config(json);
    ASSERT_TRUE(declared.has_value());
    EXPECT_EQ(declared->layers, 2);
    EXPECT_EQ(declared->hidden_multiple, 1.5);
    EXPECT_EQ(declared->query_is_key, true);
}

TEST(WeightsInfo, AbsentAndNullFieldsKeepTheDefaults) {
    for (const char* json :
         {"{}", R"({"name":null,"config":null,"rule":null,"ns_precision":null,"trained_sizes":null,
                                       "trained_views":null,"train_radius":null,"background":null})"}) {
        const auto info = parse_weights_info(json);
        ASSERT_TRUE(info.has_value()) << info.error().message();
        EXPECT_EQ(info->trained_rule(), "baseline (assumed)");
        EXPECT_EQ(info->ns_precision, "bf16");
        EXPECT_FALSE(info->trained_views.has_value());
        EXPECT_FALSE(info->train_radius.has_value());
        EXPECT_TRUE(info->trained_sizes.empty());
        EXPECT_TRUE(info->background.empty());
    }
}

TEST(WeightsInfo, ARuleOfSwitchesIsReadAsItsText) {
    const auto info = parse_weights_info(R"({"rule": {"loss": "mse", "steps": 2, "muon": false}})");
    ASSERT_TRUE(info.has_value()) << info.error().message();
    const auto rule = parse_update_rule(info->rule);
    ASSERT_TRUE(rule.has_value()) << info->rule << ": " << rule.error().message();
    EXPECT_EQ(rule->loss, InnerLoss::mse);
    EXPECT_EQ(rule->inner_steps, 2);
    EXPECT_FALSE(rule->orthogonalize);
    EXPECT_FALSE(info->rule_assumed);
}

TEST(WeightsInfo, ErrorsNameTheField) {
    struct Case {
        const char* json;
        const char* field;
    };
    for (const auto& [json, field] : {Case{"", "lact"},
                                      {"[]", "lact"},
                                      {"{", "lact"},
                                      {R"({"name":1})", "lact.name"},
                                      {R"({"rule":1})", "lact.rule"},
                                      {R"({"rule":""})", "lact.rule"},
                                      {R"({"rule":{}})", "lact.rule"},
                                      {R"({"rule":"nonsense"})", "lact.rule"},
                                      {R"({"rule":{"loss":"l3"}})", "lact.rule"},
                                      {R"({"rule":{"steps":[2]}})", "lact.rule"},
                                      {R"({"ns_precision":"fp8"})", "lact.ns_precision"},
                                      {R"({"ns_precision":8})", "lact.ns_precision"},
                                      {R"({"trained_sizes":64})", "lact.trained_sizes"},
                                      {R"({"trained_sizes":[64]})", "lact.trained_sizes"},
                                      {R"({"trained_sizes":[[64,0]]})", "lact.trained_sizes"},
                                      {R"({"trained_sizes":[[64,64,64]]})", "lact.trained_sizes"},
                                      {R"({"trained_views":[6,4]})", "lact.trained_views"},
                                      {R"({"trained_views":[-1,4]})", "lact.trained_views"},
                                      {R"({"train_radius":0})", "lact.train_radius"},
                                      {R"({"train_radius":"2"})", "lact.train_radius"},
                                      {R"({"background":"pink"})", "lact.background"},
                                      {R"({"config":[]})", "lact.config"},
                                      {R"({"config":{"layers":0}})", "lact.config.layers"},
                                      {R"({"config":{"d":2.5}})", "lact.config.d"},
                                      {R"({"config":{"patch":4294967297}})", "lact.config.patch"},
                                      {R"({"config":{"hidden_multiple":-1}})", "lact.config.hidden_multiple"},
                                      {R"({"config":{"query_is_key":1}})", "lact.config.query_is_key"}}) {
        const auto info = parse_weights_info(json);
        ASSERT_FALSE(info.has_value()) << json;
        EXPECT_EQ(info.error().where, field) << json;
        EXPECT_FALSE(info.error().what.empty());
    }
}

}  // namespace
}  // namespace lact
