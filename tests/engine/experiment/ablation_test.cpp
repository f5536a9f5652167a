#include "engine/experiment/experiment.h"
#include "tests/engine/experiment/bundled_input.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

namespace lact {
namespace {

/// PSNR of a row of the table, by what is ablated and by what.
double psnr_of(const ExperimentReport& report, const std::string& layers, const std::string& form) {
    for (const auto& row : report.tables.at(0).rows) {
        if (std::get<std::string>(row.at(0)) == layers && std::get<std::string>(row.at(1)) == form) {
            return std::get<double>(row.at(2));
        }
    }
    ADD_FAILURE() << "no row for " << layers << ", " << form;
    return 0;
}

/// Mean PSNR of a rule on held-out views, from a session of its own.
double psnr_with(const ExperimentInput& input, const ExperimentSettings& settings, const std::string& rule) {
    Session session(input.session.shared_model());
    EXPECT_TRUE(session.set_up(input.scene->chosen(input.inputs), *parse_update_rule(rule)).has_value());
    return *mean_psnr(session, chosen_held_out(input, settings));
}

TEST(AblationExperiment, OnTheShippedWeightsTheUpdateCarriesTheImageAndTheLinearFormCarriesTheUpdate) {
    ExperimentInput input = test::bundled_input("spinning_top", "general", "baseline");
    ExperimentSettings settings;
    settings.views = 3;
    const double whole = psnr_with(input, settings, "ns=fp32");
    const double last = psnr_with(input, settings, "variant1,norm=on,ns=fp32");
    const auto report = run_experiment("ablation", std::move(input), settings);
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_EQ(report->agreement, Agreement::agrees) << report->finding;
    EXPECT_FALSE(report->judges.empty() || report->not_judged.empty()) << "nothing is trained here";
    EXPECT_NEAR(psnr_of(*report, "none", "nothing"), whole, 1e-9);
    // To update W1 alone in every layer is a rule of its own.
    EXPECT_NEAR(psnr_of(*report, "all", "phi fixed"), last, 1e-9);
    const double none_of_all = psnr_of(*report, "all", "no update");
    EXPECT_LT(none_of_all + 3, last);
    EXPECT_LT(last + 3, whole);
    double gain_of_w1 = 0;  // A layer that adds next to nothing may lose a little by it.
    for (int layer = 0; layer < 6; ++layer) {
        const std::string one = std::to_string(layer);
        EXPECT_GT(psnr_of(*report, one, "no update"), none_of_all + 3) << layer;
        gain_of_w1 += psnr_of(*report, one, "phi fixed") - psnr_of(*report, one, "no update");
        EXPECT_GT(psnr_of(*report, one, "phi fixed"), last) << layer;
        EXPECT_NEAR(psnr_of(*report, one, "linear attention only"), whole, 1e-3) << layer;
    }
    EXPECT_GT(gain_of_w1, 1) << "dB over all layers";
    EXPECT_NEAR(psnr_of(*report, "all", "linear attention only"), whole, 1e-3);
}

TEST(AblationExperiment, EveryBarFindsItsImage) {
    const test::TemporaryFolder folder;
    ExperimentSettings settings;
    settings.views = 1;
    const auto report = run_experiment("ablation", test::small_input(folder, "baseline"), settings);
    ASSERT_TRUE(report.has_value()) << report.error().message();
    const auto has_image = [&](const std::string& name) {
        return std::ranges::find(report->images, name, &ExperimentImage::name) != report->images.end();
    };
    for (const auto& row : report->tables.at(0).rows) {
        EXPECT_TRUE(has_image(std::get<std::string>(row.at(6)))) << std::get<std::string>(row.at(6));
    }
    EXPECT_TRUE(has_image("no-update_layer1"));
    EXPECT_TRUE(has_image("phi-fixed_all"));
    const ExperimentPlot& plot = report->plots.at(0);
    EXPECT_EQ(plot.ticks, (std::vector<std::string>{"layer 0", "layer 1", "all"}));
    ASSERT_EQ(plot.series.size(), 3U);
    for (const ExperimentSeries& series : plot.series) {
        EXPECT_EQ(series.x, (std::vector<double>{0, 1, 2})) << series.name;
        EXPECT_EQ(series.y.at(2), psnr_of(*report, "all", series.name));
    }
    EXPECT_EQ(report->fraction, 1);
}

TEST(AblationExperiment, Bf16IsOfTheRowThatRunsAlone) {
    // The form is computed in fp32. Beside a TTT step in bf16, the rounding would be taken for the form's.
    const test::TemporaryFolder folder;
    const ExperimentInput exact = test::small_input(folder, "baseline");
    ComputeOptions compute = exact.compute;
    compute.precision = Precision::bf16;
    const auto model = Model::load(exact.session.model().path(), compute);
    ASSERT_TRUE(model.has_value()) << model.error().message();
    Session session(*model);
    ASSERT_TRUE(session.set_up(exact.scene->chosen(exact.inputs), exact.session.rule()).has_value());
    const double running = *mean_psnr(session, exact.scene->chosen(exact.held_out));
    const auto report = run_experiment(
        "ablation", {std::move(session), exact.scene, exact.inputs, exact.held_out, exact.camera, compute},
        {});
    ASSERT_TRUE(report.has_value()) << report.error().message();
    const double whole = psnr_with(exact, {}, "ns=fp32");
    EXPECT_NEAR(psnr_of(*report, "none", "nothing"), whole, 1e-9);
    EXPECT_NEAR(psnr_of(*report, "none", "nothing, as it runs"), running, 1e-9);
    EXPECT_NE(psnr_of(*report, "none", "nothing, as it runs"), whole);
    EXPECT_EQ(report->agreement, Agreement::agrees) << report->finding;
    EXPECT_TRUE(std::ranges::any_of(report->remarks, [](const std::string& remark) {
        return remark.find("compute the network in fp32") != std::string::npos;
    }));
}

TEST(AblationExperiment, WithoutHeldOutViewsNothingIsDecided) {
    const test::TemporaryFolder folder;
    ExperimentInput input = test::small_input(folder, "baseline");
    input.held_out.clear();
    const auto report = run_experiment("ablation", std::move(input), {});
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_EQ(report->agreement, Agreement::open);
    EXPECT_TRUE(std::isnan(psnr_of(*report, "all", "no update")));
    EXPECT_EQ(report->plots.at(0).title.find("nan"), std::string::npos) << report->plots.at(0).title;
}

TEST(AblationExperiment, AStoppedPieceIsDoneAgain) {
    const test::TemporaryFolder folder;
    auto run = start_experiment("ablation", test::small_input(folder, "baseline"), {});
    ASSERT_TRUE(run.has_value()) << run.error().message();
    ASSERT_TRUE((*run)->advance({}).has_value());
    std::stop_source stop;
    stop.request_stop();
    const auto rows = (*run)->report().tables.at(0).rows.size();
    EXPECT_FALSE((*run)->advance({{}, {}, stop.get_token()}).has_value());
    EXPECT_EQ((*run)->report().tables.at(0).rows.size(), rows);
    EXPECT_TRUE((*run)->advance({}).has_value());
    EXPECT_EQ((*run)->report().tables.at(0).rows.size(), rows + 1);
}

}  // namespace
}  // namespace lact
