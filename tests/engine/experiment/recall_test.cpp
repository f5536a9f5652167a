// Associative recall with a few steps of training: the form of the report. What the rules learn is measured
// by the experiment itself.
#include "tests/engine/experiment/bundled_input.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

Result<ExperimentReport> recall_report(int training_steps) {
    const test::TemporaryFolder folder;
    ExperimentSettings settings;
    settings.training_steps = training_steps;
    return run_experiment("recall", test::small_input(folder, "baseline"), settings);
}

TEST(RecallExperiment, TrainsEveryRuleOfTheLlmColumnWithThreeSeeds) {
    const auto report = recall_report(2);
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_TRUE(report->finished);
    EXPECT_EQ(report->fraction, 1);
    const ExperimentTable& rules = report->tables.at(0);
    ASSERT_EQ(rules.rows.size(), 9U);
    // arXiv 2602.21204, tables 1 and 2.
    const std::vector<double> perplexities{16.43, 15.93, 16.31, 16.23, 16.12, 15.97, 16.80, 16.19, 16.18};
    for (std::size_t i = 0; i < rules.rows.size(); ++i) {
        const auto& row = rules.rows[i];
        ASSERT_EQ(row.size(), rules.columns.size());
        EXPECT_EQ(test::number_in(row[1]), 3) << "runs";
        EXPECT_GT(test::number_in(row[row.size() - 3]), 0) << "loss";
        EXPECT_GT(test::number_in(row[row.size() - 2]), 0) << "seeds differ";
        EXPECT_EQ(test::number_in(row.back()), perplexities[i]);
    }
    EXPECT_EQ(report->tables.at(1).rows.size(), 9U * 4U);
    for (const ExperimentPlot& plot : report->plots) {
        EXPECT_EQ(plot.series.size(), 9U) << plot.name;
    }
    // It says nothing about the scene and the weights, which it does not use.
    EXPECT_TRUE(report->rule.empty());
    for (const auto& [name, value] : report->settings) {
        EXPECT_TRUE(name == "seed" || name == "training steps") << name;
    }
    // Two steps have learned nothing: which loss is higher is chance.
    EXPECT_EQ(report->agreement, Agreement::open);
    EXPECT_NE(report->condition.find("95 % interval of the mean rise over the 3 seeds, 4.3 standard errors"),
              std::string::npos)
        << report->condition;
    EXPECT_NE(report->condition.find("not below 3.12 nats, 0.9 of chance"), std::string::npos)
        << report->condition;
    EXPECT_NE(report->finding.find("nats (95 % interval over 3 seeds)"), std::string::npos)
        << report->finding;
    // Repeated chunks of questions write, too.
    EXPECT_TRUE(std::ranges::any_of(report->remarks, [](const std::string& remark) {
        return remark.starts_with("More inner steps") &&
               remark.find("hold questions and no pairs") != std::string::npos;
    }));
}

TEST(RecallExperiment, StepsOutOfRangeAreRefused) {
    const auto report = recall_report(0);
    ASSERT_FALSE(report.has_value());
    EXPECT_NE(report.error().message().find("training steps"), std::string::npos);
}

}  // namespace
}  // namespace lact
