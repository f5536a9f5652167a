// `lactscope sequence` and `lactscope bench sequence` from outside.
#include "engine/scene/image.h"
#include "tests/app/cli/run_program.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using nlohmann::json;
using test::run_lactscope;

TEST(SequenceCommand, WritesItsImagesAndFigures) {
    const TemporaryFolder folder;
    const std::string out = (folder.path() / "demo").string();
    const auto run = run_lactscope("sequence --demo --json --variant 4 --tokens 70 --chunk 16 -o " + out);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json figures = json::parse(run.out);
    ASSERT_EQ(figures.at("variants").size(), 7U);
    for (const json& one : figures.at("variants")) {
        EXPECT_LE(one.at("difference_fp64").get<double>(), 1e-9);
        EXPECT_EQ(one.at("equal"), true);
        EXPECT_LE(one.at("largest_difference").get<double>(), 1e-4);
        EXPECT_EQ(one.at("chunks").size(), 5U);
        // With Muon, or with a state that moves the features, there is no coefficient of a chunk.
        EXPECT_EQ(one.at("coefficients").is_null(), one.at("variant") != 6) << one.at("variant");
    }
    EXPECT_EQ(figures.at("random_tokens").at("tokens"), 70);
    EXPECT_EQ(figures.at("random_tokens").at("seed"), 1);
    EXPECT_EQ(figures.at("random_tokens").at("muon"), true);
    EXPECT_EQ(figures.at("vittt").size(), 3U);
    for (const char* name : {"sequence.png", "vittt.png"}) {
        const auto image = load_image(folder.path() / "demo" / name);
        ASSERT_TRUE(image.has_value()) << name;
        EXPECT_GT(image->width, 400) << name;
    }
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "demo" / "sequence.json"));
}

TEST(SequenceCommand, WithoutMuonEveryParallelFormHasItsCoefficients) {
    const auto run = run_lactscope("sequence --json --no-muon --tokens 40 --chunk 16");
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json figures = json::parse(run.out);
    for (const json& one : figures.at("variants")) {
        const bool parallel = one.at("variant").get<int>() >= 2;
        EXPECT_EQ(one.at("coefficients").is_array(), parallel) << one.at("variant");
        EXPECT_EQ(one.at("no_coefficients_because").get<std::string>().empty(), parallel)
            << one.at("variant");
    }
    EXPECT_EQ(figures.at("random_tokens").at("muon"), false);
}

TEST(SequenceCommand, ManyChunksAreBoundedInImageAndJson) {
    const TemporaryFolder folder;
    const auto run = run_lactscope(
        "sequence --demo --json --no-muon --variant 6 --tokens 130 --chunk 1 --heads 1 --width 8 -o " +
        folder.path().string());
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json figures = json::parse(run.out);
    for (const json& one : figures.at("variants")) {
        EXPECT_TRUE(one.at("coefficients").is_null()) << one.at("variant");
        EXPECT_FALSE(one.at("no_coefficients_because").get<std::string>().empty()) << one.at("variant");
    }
    EXPECT_NE(figures.at("variants")[6].at("no_coefficients_because").get<std::string>().find("16900"),
              std::string::npos);
    const auto image = load_image(folder.path() / "sequence.png");
    ASSERT_TRUE(image.has_value());
    EXPECT_LT(image->width, 3000);
    EXPECT_LT(image->height, 3000);
}

TEST(SequenceCommand, SaysWhatIsWrong) {
    const auto image = run_lactscope("sequence --demo --image /nowhere/x.png -o /tmp");
    EXPECT_EQ(image.exit_code, 1);
    EXPECT_NE(image.err.find("/nowhere/x.png"), std::string::npos) << image.err;
    const auto chunk = run_lactscope("sequence --chunk 0");
    EXPECT_EQ(chunk.exit_code, 1);
    EXPECT_NE(chunk.err.find("chunk"), std::string::npos) << chunk.err;
    EXPECT_EQ(run_lactscope("sequence --variant 7").exit_code, 2);
}

TEST(BenchSequence, TableJsonAndPlot) {
    const TemporaryFolder folder;
    const std::string plot = (folder.path() / "plot.svg").string();
    const auto run = run_lactscope(
        "bench sequence --json --lengths 512 1100 --variants 1 5 --repeats 1 --device cpu --plot " + plot);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json result = json::parse(run.out);
    ASSERT_EQ(result.at("rows").size(), 4U);
    EXPECT_EQ(result.at("chunk"), 512);
    EXPECT_FALSE(result.at("rows")[0].contains("parallel_ms"));
    EXPECT_GT(result.at("rows")[1].at("ratio").get<double>(), 0);
    EXPECT_NEAR(result.at("rows")[1].at("paper_ratio").get<double>(), 3.98, 0.01);
    std::ifstream svg(plot);
    const std::string text((std::istreambuf_iterator<char>(svg)), {});
    EXPECT_NE(text.find("Variant 5, parallel"), std::string::npos);
    EXPECT_EQ(text.find("Variant 1, parallel"), std::string::npos);
    const auto table = run_lactscope("bench sequence --lengths 512 --variants 6 --repeats 1 --device cpu");
    EXPECT_EQ(table.exit_code, 0);
    EXPECT_NE(table.err.find("Variant 6"), std::string::npos) << table.err;
    EXPECT_EQ(run_lactscope("bench sequence --config huge").exit_code, 2);
    EXPECT_EQ(run_lactscope("bench sequence --lengths 0").exit_code, 2);
    EXPECT_EQ(run_lactscope("bench sequence --precision fp8").exit_code, 2);
}

}  // namespace

}  // namespace lact::app
