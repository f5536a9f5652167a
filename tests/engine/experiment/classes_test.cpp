// Classes of objects with one step of training: the form of the report. What the rules learn is measured by
// the experiment itself.
#include "tests/engine/experiment/bundled_input.h"

#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

TEST(ClassesExperiment, TrainsEveryRuleOfTheVitttColumnWithTwoSeeds) {
    const test::TemporaryFolder folder;
    ExperimentSettings settings;
    settings.training_steps = 1;
    const auto report = run_experiment("classes", test::small_input(folder, "baseline"), settings);
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_TRUE(report->finished);
    EXPECT_EQ(report->fraction, 1);
    const ExperimentTable& rules = report->tables.at(0);
    // arXiv 2602.21204, tables 1 and 2.
    const std::vector<double> published{79.34, 79.63, 79.39, 79.54, 79.61, 79.18};
    ASSERT_EQ(rules.rows.size(), published.size());
    for (std::size_t i = 0; i < published.size(); ++i) {
        const auto& row = rules.rows[i];
        ASSERT_EQ(row.size(), rules.columns.size());
        EXPECT_EQ(test::number_in(row[1]), 2) << "runs";
        EXPECT_GE(test::number_in(row[2]), 0);
        EXPECT_LE(test::number_in(row[2]), 60)
            << "one step cannot name most objects: is a label in the image?";
        EXPECT_EQ(test::number_in(row.back()), published[i]);
    }
    EXPECT_EQ(test::number_in(rules.rows[0][4]), 0) << "the baseline differs from itself";
    EXPECT_EQ(report->plots.at(0).series.size(), published.size());
    EXPECT_EQ(report->plots.at(1).series.at(0).y.size(), published.size());
    EXPECT_EQ(report->agreement, Agreement::open);
    EXPECT_TRUE(report->rule.empty());
    for (const auto& [name, value] : report->settings) {
        EXPECT_TRUE(name == "seed" || name == "training steps") << name;
    }
}

}  // namespace
}  // namespace lact
