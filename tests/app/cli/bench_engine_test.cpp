// `lactscope bench render|setup|switch|start` from outside.
#include "engine/model/random_weights.h"
#include "tests/app/cli/run_program.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using nlohmann::json;
using test::run_lactscope;

TEST(BenchEngine, EachCommandMeasuresAndSaysWhat) {
    const TemporaryFolder folder;
    const auto weights = folder.path() / "small.safetensors";
    ModelConfig config;
    config.layers = 2;
    config.d = 64;
    config.ttt_head = 32;
    ASSERT_TRUE(write_random_weights(config, 3, weights).has_value());
    const std::string common =
        " --weights " + weights.string() + " --size 32 --inputs 2 --repeats 3 --device cpu --threads 1";
    for (const std::string what : {"render", "setup", "switch", "start"}) {
        const auto run = run_lactscope("bench " + what + " --json" + common);
        ASSERT_EQ(run.exit_code, 0) << what << run.err;
        const json result = json::parse(run.out);
        EXPECT_EQ(result.at("runs"), 3) << what;
        EXPECT_EQ(result.at("layers"), 2) << what;
        EXPECT_GT(result.at("median_ms").get<double>(), 0) << what;
        EXPECT_GE(result.at("p95_ms").get<double>(), result.at("median_ms").get<double>()) << what;
        EXPECT_GT(result.at("gflop").get<double>(), 0) << what;
        EXPECT_GT(result.at("product_gflops").get<double>(), 0) << what;
        EXPECT_GT(result.at("peak_main_bytes").get<double>(), 1e6) << what;
        EXPECT_EQ(result.contains("batch"), what == "render");
    }
    const auto table = run_lactscope("bench render --batch 2" + common);
    EXPECT_EQ(table.exit_code, 0) << table.err;
    EXPECT_NE(table.err.find("95th percentile"), std::string::npos) << table.err;
}

TEST(BenchEngine, RefusesWhatHasNoMeaning) {
    EXPECT_EQ(run_lactscope("bench render --config l99").exit_code, 2);
    EXPECT_EQ(run_lactscope("bench setup --inputs 0").exit_code, 2);
    EXPECT_EQ(run_lactscope("bench window --views 0").exit_code, 2);
    EXPECT_EQ(run_lactscope("bench window --width -1").exit_code, 2);
    EXPECT_EQ(run_lactscope("bench switch --other nonsense").exit_code, 2);
    for (const char* arguments :
         {"bench train --patch 0", "bench train --ttt-head 0", "bench train --steps 0",
          "bench train --rule no", "bench sequence --ns-precision rubbish", "bench compare --a rubbish",
          "bench compare --b captured", "bench window --scene /nowhere"}) {
        EXPECT_EQ(run_lactscope(arguments).exit_code, 2) << arguments;
    }
    EXPECT_EQ(run_lactscope("bench train --width 100 --ttt-head 64").exit_code, 1);
    const lact::test::TemporaryFolder broken;
    (void)broken.file("transforms.json", "{");
    const auto scene = run_lactscope("bench window --device cpu --views 1 --scene " + broken.path().string());
    EXPECT_EQ(scene.exit_code, 1);
    EXPECT_NE(scene.err.find("transforms.json"), std::string::npos) << scene.err;
    const auto size = run_lactscope("bench render --size 30 --device cpu");
    EXPECT_EQ(size.exit_code, 1);
    EXPECT_NE(size.err.find("30x30"), std::string::npos) << size.err;
}

}  // namespace

}  // namespace lact::app
