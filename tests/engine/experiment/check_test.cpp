#include "engine/experiment/experiment.h"
#include "tests/engine/experiment/bundled_input.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

namespace lact {
namespace {

struct CheckedError {
    double difference = 0;
    std::string detected;
};

std::map<std::string, CheckedError> checked(ExperimentInput input, Agreement expected) {
    const auto report = run_experiment("check", std::move(input), {});
    EXPECT_TRUE(report.has_value()) << report.error().message();
    std::map<std::string, CheckedError> errors;
    if (report) {
        EXPECT_EQ(report->agreement, expected) << report->finding;
        for (const auto& row : report->tables.at(0).rows) {
            errors[std::get<std::string>(row.at(0))] = {std::get<double>(row.at(1)),
                                                        std::get<std::string>(row.at(3))};
        }
    }
    return errors;
}

TEST(CheckExperiment, EveryPlantedErrorIsDetectedOnTheShippedWeights) {
    auto errors = checked(test::bundled_input("spinning_top", "general", "baseline", 3), Agreement::agrees);
    ASSERT_EQ(errors.size(), 7U);
    EXPECT_LE(errors["none"].difference, 1e-9);
    EXPECT_EQ(errors["none"].detected, "no");
    for (const char* name :
         {"sign", "rates", "stale-features", "half-newton-schulz", "altered-value", "norm-axis"}) {
        EXPECT_GT(errors[name].difference, 1e-9) << name;
        EXPECT_EQ(errors[name].detected, "yes") << name;
    }
    EXPECT_GT(errors["sign"].difference, errors["altered-value"].difference);
}

TEST(CheckExperiment, ErrorsThatTheRuleDoesNotReadAreNotApplicable) {
    const test::TemporaryFolder folder;
    auto errors = checked(test::small_input(folder, "variant6"), Agreement::agrees);
    for (const char* name : {"rates", "stale-features", "half-newton-schulz", "norm-axis"}) {
        EXPECT_EQ(errors[name].detected, "not applicable") << name;
        EXPECT_TRUE(std::isnan(errors[name].difference)) << name;
    }
    EXPECT_EQ(errors["sign"].detected, "yes");
    EXPECT_EQ(errors["altered-value"].detected, "yes");
}

TEST(CheckExperiment, AnErrorThatTheWeightsIgnoreDecidesNothing) {
    const test::TemporaryFolder folder;
    // All rates are equal: swapped, they are the same.
    const auto report = run_experiment(
        "check", test::filled_input(folder, "baseline", {"lr_fc.weight", "lr_fc.bias"}, 0), {});
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_EQ(report->agreement, Agreement::open) << report->finding;
    EXPECT_NE(report->finding.find("nothing to detect: rates."), std::string::npos) << report->finding;
    for (const auto& row : report->tables.at(0).rows) {
        const std::string name = std::get<std::string>(row.at(0));
        EXPECT_EQ(std::get<std::string>(row.at(3)), name == "none"    ? "no"
                                                    : name == "rates" ? "changes nothing"
                                                                      : "yes")
            << name;
    }
}

TEST(CheckExperiment, WhereNothingCanBeComparedNothingFails) {
    const test::TemporaryFolder folder;
    // Rates so large that outputs are beyond what is compared, for a rule that is no preset.
    const auto report =
        run_experiment("check", test::filled_input(folder, "muon=off,norm=off", {"lr_fc.bias"}, 1e5), {});
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_EQ(report->agreement, Agreement::open);
    EXPECT_EQ(report->finding, "Nothing was compared: the outputs of the rule are too large in every head.");
    const auto& row = report->tables.at(0).rows.at(0);
    EXPECT_EQ(std::get<std::string>(row.at(3)), "not compared");
    EXPECT_TRUE(std::isnan(test::number_in(row.at(1))));
}

TEST(CheckExperiment, SaysWhereStepsAreComparedOneByOne) {
    const test::TemporaryFolder folder;
    for (const auto& [rule, single] : {std::pair{"mse,steps=9", true}, std::pair{"mse", false}}) {
        const auto report = run_experiment("check", test::small_input(folder, rule), {});
        ASSERT_TRUE(report.has_value()) << report.error().message();
        EXPECT_EQ(std::ranges::any_of(report->remarks,
                                      [](const std::string& text) {
                                          return text.starts_with("Each inner step is compared");
                                      }),
                  single)
            << rule;
    }
}

TEST(ExperimentReportSettings, NameTheTargetCameraAndTheHeldOutViews) {
    const test::TemporaryFolder folder;
    ExperimentInput input = test::small_input(folder, "baseline");
    const auto setting = [&](const std::string& wanted) {
        for (const auto& [name, value] : describe_settings(input, {}, {.views = true})) {
            if (name == wanted) {
                return value;
            }
        }
        return std::string();
    };
    EXPECT_EQ(setting("target camera"), "view 3");
    EXPECT_EQ(setting("held-out views"), "2: 3, 4");
    const int patch = input.session.model().config().patch;
    EXPECT_EQ(setting("patch grid"), std::to_string(test::small_size.width / patch) + "x" +
                                         std::to_string(test::small_size.height / patch));
    input.camera.c2w(0, 3) += 0.5;
    EXPECT_TRUE(setting("target camera").starts_with("at ")) << setting("target camera");
    input.held_out.clear();
    EXPECT_EQ(setting("held-out views"), "0");
}

TEST(ExperimentReportSettings, SayWhereTheRuleOfTheWeightsIsOnlyAssumed) {
    const test::TemporaryFolder folder;
    const ExperimentInput input = test::small_input(folder, "baseline");
    const bool assumed = input.session.model().info().rule_assumed;
    for (const auto& [name, value] : describe_settings(input, {}, {.views = true})) {
        if (name == "rule") {
            EXPECT_EQ(value, assumed ? "baseline (assumed as trained)" : "baseline (as trained)");
        }
    }
    WeightsInfo info;
    EXPECT_STREQ(info.as_trained(), "assumed as trained") << "a released checkpoint names no rule";
    info.rule_assumed = false;
    EXPECT_STREQ(info.as_trained(), "as trained");
}

}  // namespace
}  // namespace lact
