#include "tests/engine/experiment/bundled_input.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

ExperimentReport distributions_report(ExperimentInput input, const ExperimentSettings& settings) {
    auto report = run_experiment("distributions", std::move(input), settings);
    EXPECT_TRUE(report.has_value()) << report.error().message();
    return report ? *report : ExperimentReport{};
}

ExperimentSettings place_settings(int layer, int head, Projection projection) {
    ExperimentSettings settings;
    settings.layer = layer;
    settings.head = head;
    settings.projection = projection;
    return settings;
}

double cosine_at(const ExperimentReport& report, std::size_t table, std::size_t row, std::size_t column) {
    return std::get<double>(report.tables.at(table).rows.at(row).at(column));
}

const ExperimentPlot& plot_named(const ExperimentReport& report, std::string_view name) {
    return *std::ranges::find(report.plots, name, &ExperimentPlot::name);
}

/// Mean over the rows of `from` of the largest cosine to a row of `to`, by loops; `others`: the same set.
double nearest_by_loops(const Matrix& from, const Matrix& to, bool others) {
    const auto dot = [](const Matrix& a, int i, const Matrix& b, int j) {
        double sum = 0;
        for (int c = 0; c < a.columns; ++c) {
            sum += static_cast<double>(a.values[static_cast<std::size_t>(i * a.columns + c)]) *
                   b.values[static_cast<std::size_t>(j * b.columns + c)];
        }
        return sum;
    };
    double mean = 0;
    for (int i = 0; i < from.rows; ++i) {
        double nearest = -1;
        for (int j = 0; j < to.rows; ++j) {
            if (!others || i != j) {
                nearest = std::max(
                    nearest, dot(from, i, to, j) / std::sqrt(dot(from, i, from, i) * dot(to, j, to, j)));
            }
        }
        mean += nearest / from.rows;
    }
    return mean;
}

TEST(Distributions, QueriesLieApartFromKeysInEveryLayer) {
    for (const char* scene : {"spinning_top", "yellow_car"}) {
        const ExperimentReport report = distributions_report(
            test::bundled_input(scene, "general", "baseline"), place_settings(5, 0, Projection::pca));
        ASSERT_EQ(report.tables[0].rows.size(), 6U);
        for (std::size_t layer = 0; layer < 6; ++layer) {
            EXPECT_LT(cosine_at(report, 0, layer, 1), 0.9) << scene << layer;
            EXPECT_GT(cosine_at(report, 0, layer, 2), 0.9) << scene << layer;
            EXPECT_LT(cosine_at(report, 0, layer, 3), cosine_at(report, 0, layer, 4)) << scene << layer;
            EXPECT_LT(cosine_at(report, 0, layer, 5), cosine_at(report, 0, layer, 2)) << scene << layer;
        }
        EXPECT_EQ(report.agreement, Agreement::agrees);
    }
}

TEST(Distributions, ARuleThatWasOnlySwitchedDecidesNothingOfFigure2) {
    const ExperimentReport report =
        distributions_report(test::bundled_input("spinning_top", "general", "query-is-key"),
                             place_settings(0, 0, Projection::pca));
    EXPECT_EQ(report.remarks.size(), 2U) << "one says that the key is read with";
    EXPECT_EQ(report.finding.find("in 6 of 6 layers"), std::string::npos) << report.finding;
    EXPECT_EQ(report.agreement, Agreement::open);
    EXPECT_NE(
        report.condition.find("figure 2 of the paper is of weights that run the rule of their training"),
        std::string::npos)
        << report.condition;
    const ExperimentReport trained =
        distributions_report(test::bundled_input("spinning_top", "rules/query-is-key", "query-is-key"),
                             place_settings(0, 0, Projection::pca));
    EXPECT_EQ(trained.agreement, Agreement::open) << "figure 2 is of weights that read with queries";
    EXPECT_NE(trained.condition.find("with queries of their own"), std::string::npos) << trained.condition;
}

TEST(Distributions, OneInputViewDecidesNothing) {
    const ExperimentReport report = distributions_report(
        test::bundled_input("spinning_top", "general", "baseline", 1), place_settings(0, 0, Projection::pca));
    EXPECT_TRUE(report.finished);
    EXPECT_TRUE(std::isnan(cosine_at(report, 0, 0, 5)));
    EXPECT_EQ(report.agreement, Agreement::open);
}

TEST(Distributions, NearestCosinesAreThoseOfTheInspectedMatrices) {
    auto input = test::bundled_input("spinning_top", "general", "baseline", 3);
    auto inspection = Inspection::of(input.session, input.scene->chosen(input.inputs));
    ASSERT_TRUE(inspection.has_value());
    const Camera camera = input.camera;
    const ExperimentReport report =
        distributions_report(std::move(input), place_settings(2, 1, Projection::pca));
    const Place place{4, 1};
    const auto q = inspection->read_matrix(place, ReadMatrix::q, {camera, {}});
    const auto o = inspection->read_matrix(place, ReadMatrix::output, {camera, {}});
    const auto k = inspection->linear_matrix(place, LinearMatrix::k);
    const auto v = inspection->linear_matrix(place, LinearMatrix::v);
    ASSERT_TRUE(q && o && k && v);
    const std::size_t row = 4 * 2 + 1;
    EXPECT_EQ(cosine_at(report, 1, row, 0), 4);
    EXPECT_EQ(cosine_at(report, 1, row, 1), 1);
    EXPECT_NEAR(cosine_at(report, 1, row, 2), nearest_by_loops(*q, *k, false), 1e-4);
    EXPECT_NEAR(cosine_at(report, 1, row, 3), nearest_by_loops(*k, *k, true), 1e-4);
    EXPECT_NEAR(cosine_at(report, 1, row, 4), nearest_by_loops(*o, *v, false), 1e-4);
    EXPECT_NEAR(cosine_at(report, 1, row, 5), nearest_by_loops(*v, *v, true), 1e-4);
    double mean = 0;
    for (std::size_t head = 0; head < 2; ++head) {
        mean += cosine_at(report, 1, 4 * 2 + head, 2) / 2;
    }
    EXPECT_NEAR(cosine_at(report, 0, 4, 1), mean, 1e-12);
}

TEST(Distributions, EveryPointKnowsItsPatch) {
    auto input = test::bundled_input("spinning_top", "general", "baseline", 3);
    const std::vector<std::size_t> inputs = input.inputs;
    const ExperimentReport report =
        distributions_report(std::move(input), place_settings(2, 1, Projection::pca));
    ASSERT_EQ(report.plots.size(), 4U);
    const ExperimentPlot& kinds = plot_named(report, "qk");
    ASSERT_EQ(kinds.series.size(), 2U);
    EXPECT_EQ(kinds.series[0].tokens.size(), 64U);
    EXPECT_EQ(kinds.series[0].tokens[11], (ExperimentToken{-1, 3, 1}));
    ASSERT_EQ(kinds.series[1].tokens.size(), 3U * 64);
    EXPECT_EQ(kinds.series[1].tokens[64 + 17], (ExperimentToken{static_cast<int>(inputs[1]), 1, 2}));
    // The same points by view.
    const ExperimentPlot& views = plot_named(report, "qk_views");
    ASSERT_EQ(views.series.size(), 4U);
    EXPECT_EQ(views.series[2].name, "view " + std::to_string(inputs[1]));
    EXPECT_EQ(views.series[2].tokens.size(), 64U);
    EXPECT_EQ(views.series[2].x[17], kinds.series[1].x[64 + 17]);
    EXPECT_EQ(plot_named(report, "vo").series[1].name, "v (input views)");
}

TEST(Distributions, TsneMovesPieceByPieceAndDependsOnItsSeed) {
    ExperimentSettings settings = place_settings(1, 0, Projection::tsne);
    const auto finished = [](const ExperimentSettings& with) {
        return plot_named(
                   distributions_report(test::bundled_input("yellow_car", "general", "baseline", 1), with),
                   "qk")
            .series[0]
            .x;
    };
    auto run = start_experiment("distributions", test::bundled_input("yellow_car", "general", "baseline", 1),
                                settings);
    ASSERT_TRUE(run.has_value());
    ASSERT_EQ((*run)->advance({}), true);
    EXPECT_FALSE((*run)->report().tables[0].rows.empty()) << "the numbers do not wait for the picture";
    const std::vector<double> first = plot_named((*run)->report(), "qk").series[0].x;
    ASSERT_EQ((*run)->advance({}), true);
    EXPECT_NE(plot_named((*run)->report(), "qk").series[0].x, first);
    EXPECT_GT((*run)->report().fraction, 0);
    EXPECT_LT((*run)->report().fraction, 1);
    EXPECT_EQ((*run)->report().agreement, Agreement::open);
    const auto once = finished(settings);
    EXPECT_EQ(once, finished(settings));
    settings.seed = 2;
    EXPECT_NE(once, finished(settings));
}

TEST(Distributions, NeedOneLayerAndHead) {
    const auto refused = run_experiment(
        "distributions", test::bundled_input("yellow_car", "general", "baseline", 1), ExperimentSettings{});
    EXPECT_FALSE(refused.has_value());
}

}  // namespace
}  // namespace lact
