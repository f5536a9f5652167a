#include "engine/experiment/experiment.h"
#include "engine/linear/reduction.h"
#include "tests/engine/experiment/bundled_input.h"
#include "tests/engine/linear/layer_example.h"

#include <string>
#include <string_view>
#include <variant>

#include <ATen/ATen.h>
#include <Eigen/Dense>
#include <gtest/gtest.h>

namespace lact {
namespace {

using Dense = Eigen::MatrixXd;

Dense dense(const at::Tensor& x) {
    const at::Tensor values = x.to(at::kCPU, at::kDouble).t().contiguous();
    return Eigen::Map<const Dense>(values.const_data_ptr<double>(), values.size(1), values.size(0));
}

const ReductionCase& case_named(std::string_view begin) {
    for (const ReductionCase& one : reduction_cases()) {
        if (one.name.starts_with(begin)) {
            return one;
        }
    }
    ADD_FAILURE() << "no case is named " << begin;
    return reduction_cases().front();
}

TEST(Reduction, TwoChunksWithTheMseLossDifferAsPlainAlgebraSays) {
    const LayerInputs inputs = test::example_inputs({.n = 1, .views = 2, .d_in = 10, .d_hidden = 10});
    UpdateRule rule = *parse_update_rule("variant6");
    rule.loss = InnerLoss::mse;
    const Dense k = dense(inputs.tokens.k[0]);
    const Dense v = dense(inputs.tokens.v[0]);
    const Dense initial = dense(inputs.initial.w1[0]);
    const Eigen::Index half = k.rows() / 2;
    const auto written = [&](const Dense& state, bool first) {
        const Dense keys = first ? k.topRows(half) : k.bottomRows(half);
        const Dense values = first ? v.topRows(half) : v.bottomRows(half);
        return Dense(keys.transpose() * (values - keys * state));
    };
    const Dense after_first = initial + written(initial, true);
    const Dense in_turn = after_first + written(after_first, false);
    const Dense sum = initial + written(initial, true) + written(initial, false);
    const double expected = (in_turn - sum).norm() / (in_turn - initial).norm();
    EXPECT_GT(expected, 0.1);
    const ReductionCase& chunks = case_named("Variant 6");
    EXPECT_NEAR(chunks.measure(rule, inputs).item<double>(), expected, 1e-12);
    // The same measure finds no difference where values do not depend on the state.
    EXPECT_LE(chunks.measure(chunks.rule, inputs).item<double>(), 1e-14);
}

TEST(Reduction, TheResidualIsThatOfLeastSquares) {
    at::manual_seed(3);
    const at::Tensor phi = at::randn({1, 40, 7}, at::kDouble);
    const at::Tensor o = at::randn({1, 40, 5}, at::kDouble);
    const Dense a = dense(phi[0]);
    const Dense b = dense(o[0]);
    const Dense best = a.colPivHouseholderQr().solve(b);
    EXPECT_NEAR(state_residual(phi, o).item<double>(), (b - a * best).norm() / b.norm(), 1e-12);
    const at::Tensor linear = at::bmm(phi, at::randn({1, 7, 5}, at::kDouble));
    EXPECT_LE(state_residual(phi, linear).item<double>(), 1e-12);
    // Features that depend on each other explain no more than they do once.
    EXPECT_NEAR(state_residual(at::cat({phi, phi}, 2), o).item<double>(),
                state_residual(phi, o).item<double>(), 1e-12);
}

TEST(Reduction, EveryCaseFallsOnTheSideOfTheTheoryForManySeeds) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const LayerInputs inputs = random_layer_inputs(seed);
        for (const ReductionCase& one : reduction_cases()) {
            const double difference = one.measure(one.rule, inputs).max().item<double>();
            if (one.reduces) {
                EXPECT_LE(difference, 1e-11) << one.name << ", seed " << seed;
            } else {
                EXPECT_GE(difference, 5e-3) << one.name << ", seed " << seed;
            }
        }
    }
}

TEST(Reduction, TheSumOfCasesCoversBothAnswersToBothQuestions) {
    int counts[2][2] = {};
    for (const ReductionCase& one : reduction_cases()) {
        ++counts[one.question == Reduction::state ? 1 : 0][one.reduces ? 1 : 0];
    }
    EXPECT_EQ(counts[0][0], 6);
    EXPECT_EQ(counts[0][1], 5);
    EXPECT_EQ(counts[1][0], 2);
    EXPECT_EQ(counts[1][1], 2);
}

TEST(IrreducibleExperiment, RandomTokensAndThoseOfTheShippedWeightsAgreeWithTheTheory) {
    const auto report =
        run_experiment("irreducible", test::bundled_input("spinning_top", "general", "baseline", 4), {});
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_EQ(report->agreement, Agreement::agrees) << report->finding;
    const auto& rows = report->tables.at(0).rows;
    ASSERT_EQ(rows.size(), 2 * reduction_cases().size());
    for (const auto& row : rows) {
        const std::string name = std::get<std::string>(row.at(0)) + ", " + std::get<std::string>(row.at(1));
        EXPECT_EQ(std::get<std::string>(row.at(6)), std::get<std::string>(row.at(7))) << name;
        if (std::get<std::string>(row.at(7)) == "yes") {
            EXPECT_LE(std::get<double>(row.at(5)), 1e-11) << name;
        } else {
            EXPECT_GE(std::get<double>(row.at(4)), 1e-5) << name;
        }
    }
}

TEST(IrreducibleExperiment, WhatTheLayersCannotMeasureIsSaid) {
    const test::TemporaryFolder folder;
    ExperimentInput input = test::small_input(folder, "baseline");
    ExperimentSettings settings;
    settings.layer = 1;
    settings.head = 0;
    auto run = start_experiment("irreducible", std::move(input), settings);
    ASSERT_TRUE(run.has_value()) << run.error().message();
    EXPECT_TRUE(*(*run)->advance({}));
    EXPECT_EQ((*run)->report().agreement, Agreement::open);
    EXPECT_EQ(std::get<std::string>((*run)->report().tables.at(0).rows.at(1).at(6)), "not measured");
    EXPECT_FALSE(*(*run)->advance({}));
    EXPECT_EQ(std::get<std::string>((*run)->report().tables.at(0).rows.at(1).at(6)), "yes");
}

TEST(IrreducibleExperiment, CasesThatTheLayersCannotMeasureAreNotJudged) {
    const test::TemporaryFolder folder;
    // The hidden channels are 1.5 times the input channels, which the identity kernel cannot take.
    const auto report =
        run_experiment("irreducible", test::small_input(folder, "baseline", test::small_config()), {});
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_TRUE(report->finished);
    EXPECT_NE(report->agreement, Agreement::agrees) << report->finding;
    EXPECT_NE(report->finding.find("d_h = 24 is not d_in = 16"), std::string::npos) << report->finding;
}

}  // namespace
}  // namespace lact
