#include "engine/session/layer_form.h"
#include "tests/engine/experiment/bundled_input.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

ExperimentReport finished_report(const char* id, ExperimentInput input, std::size_t views) {
    ExperimentSettings settings;
    settings.views = views;
    auto report = run_experiment(id, std::move(input), settings);
    EXPECT_TRUE(report.has_value()) << report.error().message();
    return report ? *report : ExperimentReport{};
}

TEST(LinearRendering, EveryPresetGivesTheImageOfTheTttLayers) {
    const test::TemporaryFolder folder;
    const ExperimentReport report = finished_report("linear", test::small_input(folder, "baseline"), 1);
    ASSERT_FALSE(report.tables.empty());
    // Ten presets, of which Variant 5 is Variant 4.
    EXPECT_EQ(report.tables.front().rows.size(), 9U);
    for (const auto& row : report.tables.front().rows) {
        const std::string rule = std::get<std::string>(row[0]);
        EXPECT_NE(rule, "variant5");
        if (const auto* text = std::get_if<std::string>(&row[1])) {
            EXPECT_EQ(*text, "below 6e-8") << rule;  // fp32 images say no more.
        } else {
            EXPECT_GT(test::number_in(row[1]), 0) << rule;
            EXPECT_LE(test::number_in(row[1]), 1e-6) << rule;
        }
        EXPECT_LE(test::number_in(row[2]), 1e-3) << rule;
        EXPECT_EQ(report.images.size(), 2 * report.tables.front().rows.size());
    }
    EXPECT_EQ(report.agreement, Agreement::agrees) << report.finding;
    EXPECT_EQ(report.finding.find("0 in fp64"), std::string::npos) << report.finding;
    EXPECT_TRUE(std::ranges::any_of(report.remarks, [](const std::string& remark) {
        return remark.find("below 6e-8") != std::string::npos;
    }));
}

TEST(LinearRendering, Fp64DecidesAndManyStepsNeverDisagree) {
    const test::TemporaryFolder folder;
    const ExperimentReport one = finished_report("linear", test::small_input(folder, "baseline"), 1);
    EXPECT_EQ(one.condition.find("fp32"), std::string::npos) << "information only: " << one.condition;
    EXPECT_EQ(one.condition.find("Not decided"), std::string::npos) << one.condition;
    const ExperimentReport many = finished_report("linear", test::small_input(folder, "steps=16"), 1);
    EXPECT_NE(many.condition.find("Not decided by a rule of more than 8 inner steps"), std::string::npos)
        << many.condition;
    EXPECT_NE(many.agreement, Agreement::disagrees) << many.finding;
}

TEST(LinearRendering, TheFormOfAnFp64ModelIsSetUpOnce) {
    const test::TemporaryFolder folder;
    const ExperimentInput small = test::small_input(folder, "baseline");
    ComputeOptions compute = small.compute;
    compute.precision = Precision::fp64;
    const auto model = Model::load(small.session.model().path(), compute);
    ASSERT_TRUE(model.has_value()) << model.error().message();
    Session session(*model);
    ASSERT_TRUE(session.set_up(small.scene->chosen(small.inputs), *parse_update_rule("baseline")));
    const auto run = start_experiment(
        "linear", {std::move(session), small.scene, small.inputs, small.held_out, small.camera, compute}, {});
    ASSERT_TRUE(run.has_value()) << run.error().message();
    int set_ups = 0;
    const Job job{[&set_ups](std::string_view stage, double fraction) {
                      set_ups += stage == "updating fast weights" && fraction == 0 ? 1 : 0;
                  },
                  {},
                  {}};
    // Of the first rule: both forms as the model runs, both in fp32, and in fp64 the TTT step with exact
    // Newton-Schulz.
    ASSERT_TRUE((*run)->advance(job).has_value());
    EXPECT_EQ(set_ups, 4);
    ASSERT_TRUE((*run)->advance(job).has_value());
    EXPECT_EQ(set_ups, 5);
}

TEST(LinearRendering, ARuleThatDivergesLeavesTheOthersMeasured) {
    const test::TemporaryFolder folder;
    // The features of the SwiGLU kernel overflow; Variants 3 to 6 do not read W0 and W2.
    const ExperimentReport report =
        finished_report("linear", test::filled_input(folder, "variant6", {".w0", ".w2"}, 1e30), 1);
    ASSERT_FALSE(report.tables.empty());
    const auto& rows = report.tables.front().rows;
    ASSERT_EQ(rows.size(), 9U);
    EXPECT_LE(test::number_in(rows[0].at(2)), 1e-3);
    std::size_t left_out = 0;
    for (const auto& row : rows) {
        const auto* text = std::get_if<std::string>(&row.at(1));
        left_out += text != nullptr && *text == "not measured" ? 1U : 0U;
    }
    EXPECT_GT(left_out, 0U);
    EXPECT_EQ(report.images.size(), 2 * (rows.size() - left_out));
    EXPECT_TRUE(report.finished);
    EXPECT_NE(report.agreement, Agreement::agrees) << report.finding;
    EXPECT_TRUE(std::ranges::any_of(report.remarks, [](const std::string& remark) {
        return remark.find("is not measured: TTT in fp32: the updated fast weights are not finite") !=
               std::string::npos;
    }));
}

TEST(LinearRendering, WeightsThatWereOverwrittenAreRefused) {
    const test::TemporaryFolder folder;
    ExperimentInput input = test::small_input(folder, "baseline");
    TensorFile other = test::random_weights(test::square_config());
    other.tensors.begin()->second += 1;
    ASSERT_TRUE(write_safetensors(input.session.model().path(), other).has_value());
    const auto report = run_experiment("linear", std::move(input), {});
    ASSERT_FALSE(report.has_value());
    EXPECT_NE(report.error().what.find("other weights"), std::string::npos) << report.error().message();
    EXPECT_NE(report.error().hint.find("Open it again"), std::string::npos) << report.error().message();
}

TEST(ImageDifference, NaNIsTheLargestDifferenceWhereverItIs) {
    const ImageF image{2, 1, {0.5F, 0.25F, 0.0F, 1.0F, 1.0F, 1.0F}};
    for (const std::size_t at : {0U, 3U, 5U}) {
        ImageF broken = image;
        broken.rgb[at] = std::numeric_limits<float>::quiet_NaN();
        EXPECT_TRUE(std::isnan(image_difference(broken, image).largest)) << at;
        EXPECT_TRUE(std::isnan(image_difference(image, broken).largest)) << at;
    }
}

/// Largest difference between the images of the two sessions, from one camera.
double image_distance(Session& a, Session& b, const Camera& camera) {
    return image_difference(a.render(camera)->image, b.render(camera)->image).largest;
}

TEST(LinearRendering, OnTheShippedWeightsItDependsOnEveryPartOfTheForm) {
    const ExperimentInput input = test::bundled_input("yellow_car", "vehicles", "baseline", 3);
    const auto views = input.scene->chosen(input.inputs);
    for (const char* text : {"ns=fp32", "mse,ns=fp32", "ascent,ns=fp32", "variant1,ns=fp32", "variant6"}) {
        const UpdateRule rule = *parse_update_rule(text);
        Session ttt = input.session.snapshot();
        Session linear = input.session.snapshot();
        ASSERT_TRUE(ttt.set_up(views, rule).has_value());
        ASSERT_TRUE(linear.set_up(views, rule, {}, {{}, LayerForms(6, LayerForm::linear)}).has_value());
        EXPECT_LE(image_distance(ttt, linear, input.camera), 1e-3) << text;
        // A state that another rule or fewer photos made is not the same image.
        ASSERT_TRUE(
            linear.set_up(std::span(views).first(2), rule, {}, {{}, LayerForms(6, LayerForm::linear)}));
        EXPECT_GT(image_distance(ttt, linear, input.camera), 1e-2) << text;
    }
}

TEST(LinearRendering, EachLayerHasAFormOfItsOwn) {
    const test::TemporaryFolder folder;
    const ExperimentInput input = test::small_input(folder, "ns=fp32");
    const auto views = input.scene->chosen(input.inputs);
    const auto layers = static_cast<std::size_t>(input.session.model().config().layers);
    Session unchanged = input.session.snapshot();
    LayerForms forms(layers, LayerForm::ttt);
    forms.front() = LayerForm::unchanged;
    ASSERT_TRUE(unchanged.set_up(views, input.session.rule(), {}, {{}, forms}).has_value());
    const MatrixKey first{0, 0, FastMatrix::w1, MatrixTime::change};
    const MatrixKey last{static_cast<int>(layers) - 1, 0, FastMatrix::w1, MatrixTime::change};
    const auto largest = [](const Session& session, const MatrixKey& key) {
        float value = 0;
        const Matrix matrix = *session.fast_weights(key);
        for (const float x : matrix.values) {
            value = std::max(value, std::abs(x));
        }
        return value;
    };
    EXPECT_EQ(largest(unchanged, first), 0.0F);
    EXPECT_GT(largest(unchanged, last), 0.0F);
    forms.front() = LayerForm::fixed_features;
    ASSERT_TRUE(unchanged.set_up(views, input.session.rule(), {}, {{}, forms}).has_value());
    EXPECT_GT(largest(unchanged, first), 0.0F);
    EXPECT_EQ(largest(unchanged, {0, 0, FastMatrix::w0, MatrixTime::change}), 0.0F);
    forms.pop_back();
    EXPECT_FALSE(unchanged.set_up(views, input.session.rule(), {}, {{}, forms}).has_value());
    for (const LayerForm form :
         {LayerForm::ttt, LayerForm::linear, LayerForm::unchanged, LayerForm::fixed_features}) {
        EXPECT_EQ(parse_layer_form(to_string(form)), form);
    }
}

TEST(Mirror, FlippedWeightsUnderAscentGiveTheSameImageToTheLastBit) {
    const ExperimentReport report =
        finished_report("mirror", test::bundled_input("yellow_car", "vehicles", "baseline"), 2);
    ASSERT_EQ(report.tables.front().rows.size(), 3U);
    const auto& rows = report.tables.front().rows;
    EXPECT_EQ(test::number_in(rows[0][3]), 0.0);
    EXPECT_EQ(test::number_in(rows[1][3]), 0.0);
    EXPECT_GT(test::number_in(rows[2][3]), 0.01) << "MSE is not linear in f(k)";
    EXPECT_LT(test::number_in(rows[0][7]), test::number_in(rows[0][5]) - 3)
        << "weights that are not mirrored need descent";
    EXPECT_EQ(report.agreement, Agreement::agrees);
}

TEST(Mirror, WithoutADifferenceOfTheControlNothingIsDecided) {
    const test::TemporaryFolder folder;
    const ExperimentInput small = test::small_input(folder, "baseline");
    // Where W1 is 0, f(k) is 0 and stays it: MSE is the dot product.
    ModelConfig config = test::small_config();
    config.hidden_multiple = 1;
    TensorFile weights = test::random_weights(config);
    for (auto& [name, tensor] : weights.tensors) {
        if (name.ends_with(".w1")) {
            tensor = at::zeros_like(tensor);
        }
    }
    const auto path = folder.path() / "still.safetensors";
    ASSERT_TRUE(write_safetensors(path, weights).has_value());
    const auto model = Model::load(path, small.compute);
    ASSERT_TRUE(model.has_value()) << model.error().message();
    Session session(*model);
    ASSERT_TRUE(session.set_up(small.scene->chosen(small.inputs), *parse_update_rule("baseline")));
    const ExperimentReport report = finished_report(
        "mirror",
        {std::move(session), small.scene, small.inputs, small.held_out, small.camera, small.compute}, 1);
    EXPECT_EQ(test::number_in(report.tables.front().rows.at(0)[3]), 0.0);
    EXPECT_LE(test::number_in(report.tables.front().rows.at(2)[3]), 1e-3);
    EXPECT_EQ(report.agreement, Agreement::open) << report.finding;
    EXPECT_NE(report.condition.find("0.001"), std::string::npos) << report.condition;
    EXPECT_NE(report.finding.find("With MSE they give images that hardly differ"), std::string::npos)
        << report.finding;
}

TEST(Mirror, ACaseThatDivergesLeavesTheOthersMeasured) {
    const test::TemporaryFolder folder;
    // Without rates, Muon and the weight norm, 64 steps of the MSE loss overflow; those of the dot product
    // add up.
    const ExperimentReport report =
        finished_report("mirror", test::small_input(folder, "variant6,steps=64"), 1);
    ASSERT_EQ(report.tables.front().rows.size(), 3U);
    const auto& rows = report.tables.front().rows;
    EXPECT_EQ(test::number_in(rows[0][3]), 0.0);
    EXPECT_EQ(test::number_in(rows[1][3]), 0.0);
    EXPECT_EQ(std::get<std::string>(rows[2][3]), "not measured");
    EXPECT_EQ(report.agreement, Agreement::open) << report.finding;
    EXPECT_TRUE(report.finished);
    EXPECT_TRUE(std::ranges::any_of(report.remarks, [](const std::string& remark) {
        return remark.starts_with("MSE, 64 inner steps is not measured") &&
               remark.find("not finite") != std::string::npos;
    }));
}

TEST(Mirror, HoldsForAnyDotProductRule) {
    const test::TemporaryFolder folder;
    for (const char* rule : {"ascent", "variant2", "variant6", "mse"}) {
        const ExperimentReport report = finished_report("mirror", test::small_input(folder, rule), 1);
        EXPECT_EQ(test::number_in(report.tables.front().rows[0][3]), 0.0) << rule;
        EXPECT_EQ(test::number_in(report.tables.front().rows[1][3]), 0.0) << rule;
    }
}

TEST(Experiments, WrongSettingsAndUnknownNamesAreSentences) {
    const test::TemporaryFolder folder;
    const auto input = [&] { return test::small_input(folder, "baseline"); };
    EXPECT_FALSE(run_experiment("no-such", input(), {}).has_value());
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = run_experiment("mirror", input(), {}, Job{{}, {}, stop.get_token()});
    ASSERT_FALSE(stopped.has_value());
    EXPECT_TRUE(stopped.error().cancelled);
}

}  // namespace
}  // namespace lact
