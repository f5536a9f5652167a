#include "engine/session/session.h"

#include "engine/metrics/metrics.h"
#include "engine/model/rays.h"
#include "engine/model/safetensors.h"
#include "engine/session/evaluate.h"
#include "engine/session/load_scene.h"
#include "engine/session/memory.h"
#include "engine/session/parts.h"
#include "tests/engine/session/small_session.h"
#include "tests/support/counting_memory.h"
#include "tests/support/golden.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

/// A small random model in a file, and random views of it.
class SessionTest : public testing::Test {
  protected:
    void SetUp() override {
        model_ = load(Precision::fp32);
        ASSERT_NE(model_, nullptr);
        for (int i = 0; i < 5; ++i) {
            views_.push_back(test::random_view(i, test::small_size));
        }
    }

    std::shared_ptr<const Model> load(Precision precision) { return test::small_model(folder_, precision); }

    std::span<const PreparedView> inputs() const { return std::span(views_).first(3); }
    std::vector<Camera> targets() const { return {views_[3].camera, views_[4].camera}; }

    test::TemporaryFolder folder_;
    std::shared_ptr<const Model> model_;
    std::vector<PreparedView> views_;
};

float largest_difference(const ImageF& a, const ImageF& b) {
    float largest = 0;
    EXPECT_EQ(a.rgb.size(), b.rgb.size());
    for (std::size_t i = 0; i < a.rgb.size(); ++i) {
        largest = std::max(largest, std::abs(a.rgb[i] - b.rgb[i]));
    }
    return largest;
}

TEST_F(SessionTest, TwoStagesEqualOneJointPassForOneAndManyTargets) {
    UpdateRule rule;
    rule.ns_precision = NsPrecision::fp32;
    Session session(model_);
    ASSERT_TRUE(session.set_up(inputs(), rule).has_value());
    std::vector<Camera> cameras;
    std::vector<const ImageF*> images;
    for (const PreparedView& input : inputs()) {
        cameras.push_back(input.camera);
        images.push_back(input.image.get());
    }
    const auto posed = at::cat({pose_channels(cameras).unsqueeze(0), to_tensor(images) * 2 - 1}, 2);
    for (const std::size_t count : {1, 2}) {
        const auto all = targets();
        const auto some = std::span(all).first(count);
        const auto frames = session.render(some, {}, count);
        ASSERT_TRUE(frames.has_value());
        const c10::InferenceMode no_gradients;
        const auto joint = joint_pass(model_->parts().network, rule, posed, pose_channels(some).unsqueeze(0));
        for (std::size_t i = 0; i < count; ++i) {
            const ImageF expected = to_image(joint[0][static_cast<int64_t>(i)]);
            EXPECT_LE(largest_difference((*frames)[i].image, expected), 3e-5F)
                << count << " targets, view " << i;
        }
    }
}

TEST_F(SessionTest, ViewsAreTheSameAloneAndInBatches) {
    Session session(model_);
    ASSERT_TRUE(session.set_up(inputs(), model_->trained_rule()).has_value());
    const auto cameras = targets();
    const auto together = session.render(cameras, {}, 2);
    const auto one_by_one = session.render(cameras);
    ASSERT_TRUE(together.has_value() && one_by_one.has_value());
    for (std::size_t i = 0; i < cameras.size(); ++i) {
        const auto alone = session.render(cameras[i]);
        ASSERT_TRUE(alone.has_value());
        EXPECT_EQ(alone->image.rgb, (*one_by_one)[i].image.rgb);  // bit for bit
        EXPECT_LE(largest_difference(alone->image, (*together)[i].image), 1e-5F);
    }
}

TEST_F(SessionTest, TargetsNeverChangeTheState) {
    Session session(model_);
    ASSERT_TRUE(session.set_up(inputs(), model_->trained_rule()).has_value());
    const auto before = session.fast_weights({1, 1, FastMatrix::w0, MatrixTime::updated});
    ASSERT_TRUE(session.render(targets()).has_value());
    const auto after = session.fast_weights({1, 1, FastMatrix::w0, MatrixTime::updated});
    ASSERT_TRUE(before.has_value() && after.has_value());
    EXPECT_EQ(before->values, after->values);
}

TEST_F(SessionTest, ChangeIsUpdatedMinusInitial) {
    Session session(model_);
    EXPECT_FALSE(session.fast_weights({}).has_value());  // nothing was set up
    ASSERT_TRUE(session.set_up(inputs(), model_->trained_rule()).has_value());
    for (const auto which : {FastMatrix::w0, FastMatrix::w1, FastMatrix::w2}) {
        const auto initial = session.fast_weights({0, 1, which, MatrixTime::initial});
        const auto updated = session.fast_weights({0, 1, which, MatrixTime::updated});
        const auto change = session.fast_weights({0, 1, which, MatrixTime::change});
        ASSERT_TRUE(initial && updated && change);
        EXPECT_EQ(initial->rows, which == FastMatrix::w1 ? 24 : 16);
        EXPECT_EQ(initial->columns, which == FastMatrix::w1 ? 16 : 24);
        float largest = 0;
        for (std::size_t i = 0; i < change->values.size(); ++i) {
            EXPECT_FLOAT_EQ(change->values[i], updated->values[i] - initial->values[i]);
            largest = std::max(largest, std::abs(change->values[i]));
        }
        EXPECT_GT(largest, 1e-3F);
    }
    EXPECT_FALSE(session.fast_weights({2, 0, FastMatrix::w0, MatrixTime::initial}).has_value());
    EXPECT_FALSE(session.fast_weights({0, 2, FastMatrix::w0, MatrixTime::initial}).has_value());
}

TEST_F(SessionTest, AStoppedSetUpLeavesTheOldState) {
    Session session(model_);
    ASSERT_TRUE(session.set_up(inputs(), model_->trained_rule()).has_value());
    const auto before = session.render(targets()[0]);
    std::stop_source stop;
    Job job;
    job.stop = stop.get_token();
    job.report = [&](std::string_view, double) { stop.request_stop(); };  // in the first of two layers
    const auto result = session.set_up(inputs().first(1), model_->trained_rule(), job);
    ASSERT_FALSE(result.has_value());
    EXPECT_TRUE(result.error().cancelled);
    EXPECT_EQ(session.generation(), 1U);
    EXPECT_EQ(session.render(targets()[0])->image.rgb, before->image.rgb);
    stop.request_stop();
    const auto at_once = session.set_up(inputs().first(1), model_->trained_rule(), job);
    ASSERT_FALSE(at_once.has_value());
    EXPECT_TRUE(at_once.error().cancelled);
    EXPECT_EQ(session.generation(), 1U);
}

TEST_F(SessionTest, RulesThatTheWeightsCannotRunAreRefused) {
    Session session(model_);
    const auto result = session.set_up(inputs(), *parse_update_rule("variant3"));
    ASSERT_FALSE(result.has_value());
    EXPECT_NE(result.error().what.find("d_h"), std::string::npos);
    EXPECT_FALSE(session.ready());
    EXPECT_FALSE(session.render(targets()[0]).has_value());
}

TEST_F(SessionTest, AStateThatIsNotFiniteIsRefusedWhicheverMatrixItIs) {
    // Values of 100 and a W1 near the end of fp32: the gradients of W0 and W2 overflow, that of W1 does not.
    const ModelConfig config = test::small_config();
    TensorFile file = test::random_weights(config);
    file.tensors.at("blocks.1.module_list.1.f.w1").fill_(3e38);
    file.tensors.at("blocks.1.module_list.1.f.to_qkv.weight").slice(0, 2 * config.d, 3 * config.d).mul_(1000);
    const auto path = folder_.path() / "large.safetensors";
    ASSERT_TRUE(write_safetensors(path, file).has_value());
    const auto model = Model::load(path, {test::test_device().str(), Precision::fp32, 0});
    ASSERT_TRUE(model.has_value()) << model.error().message();
    Session session(*model);
    const auto refused = session.set_up(inputs(), *parse_update_rule("muon=off,norm=off"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("not finite"), std::string::npos) << refused.error().message();
    EXPECT_FALSE(session.ready());
}

/// The evaluation of the last two views with the first three as inputs.
Evaluation evaluation_of(const std::shared_ptr<const Model>& model, const std::vector<PreparedView>& views) {
    auto set = std::make_shared<ViewSet>();
    set->views = views;
    const LoadedScene scene{set, {0, 1, 2}, {3, 4}, {}, {}};
    Session session(model);
    EXPECT_TRUE(session.set_up(scene.input_views(), UpdateRule{}).has_value());
    const auto evaluation = evaluate(session, scene);
    EXPECT_TRUE(evaluation.has_value()) << evaluation.error().message();
    return evaluation.value_or(Evaluation{});
}

TEST_F(SessionTest, ARenderingThatIsNotFiniteDoesNotVanishFromTheMeans) {
    std::vector<PreparedView> views = views_;
    views[4].camera.fx = std::nan("");
    const Evaluation evaluation = evaluation_of(model_, views);
    ASSERT_EQ(evaluation.views.size(), 2U);
    EXPECT_TRUE(std::isfinite(evaluation.views[0].psnr));
    EXPECT_TRUE(std::isnan(evaluation.psnr));
    EXPECT_TRUE(std::isnan(evaluation.psnr_foreground));
    EXPECT_TRUE(std::isnan(evaluation.ssim));
    EXPECT_TRUE(std::isfinite(evaluation.psnr_nearest_view));
}

TEST_F(SessionTest, AViewWithoutForegroundIsLeftOutOfItsMean) {
    std::vector<PreparedView> views = views_;
    ImageF white = *views[4].image;
    std::ranges::fill(white.rgb, 1.0F);
    views[4].image = std::make_shared<const ImageF>(std::move(white));
    const Evaluation evaluation = evaluation_of(model_, views);
    ASSERT_EQ(evaluation.views.size(), 2U);
    EXPECT_TRUE(std::isnan(evaluation.views[1].psnr_foreground));
    EXPECT_EQ(evaluation.psnr_foreground, evaluation.views[0].psnr_foreground);
    EXPECT_TRUE(std::isfinite(evaluation.psnr));
}

TEST_F(SessionTest, EveryFigureStandsBesideTheNearestPhoto) {
    std::vector<PreparedView> views = views_;
    const auto photo_of = [&views](std::size_t input, std::size_t target) {
        return psnr(*views[input].image, *views[target].image);
    };
    const auto nearest = [&](std::size_t target) {
        return evaluation_of(model_, views).views.at(target - 3).psnr_nearest_view;
    };
    EXPECT_EQ(nearest(3), photo_of(2, 3));  // The cameras turn by one angle from view to view.
    EXPECT_NE(photo_of(2, 3), photo_of(0, 3));
    EXPECT_NE(photo_of(2, 3), photo_of(1, 3));
    views[3].camera = views[0].camera;
    views[4].camera = views[1].camera;
    views[4].image = views[1].image;
    EXPECT_EQ(nearest(3), photo_of(0, 3));
    EXPECT_TRUE(std::isinf(nearest(4)));
    // Two inputs at one place look in opposite directions.
    views[1].camera = views[0].camera;
    views[1].camera.c2w.col(0) *= -1;
    views[1].camera.c2w.col(2) *= -1;
    views[4].image = views_[4].image;
    for (const std::size_t input : {0U, 1U}) {
        views[3].camera = views[input].camera;
        EXPECT_EQ(nearest(3), photo_of(input, 3)) << input;
    }
    EXPECT_NE(photo_of(0, 3), photo_of(1, 3));
}

TEST_F(SessionTest, EveryPresetThatFitsGivesFiniteImages) {
    Session session(model_);
    for (const RulePreset& preset : rule_presets()) {
        if (preset.rule.kernel == Kernel::identity) {
            continue;
        }
        ASSERT_TRUE(session.set_up(inputs(), preset.rule).has_value()) << preset.name;
        EXPECT_EQ(session.rule_switched(), preset.name != "baseline");
        const auto frame = session.render(targets()[0]);
        ASSERT_TRUE(frame.has_value());
        for (const float value : frame->image.rgb) {
            ASSERT_TRUE(value >= 0 && value <= 1) << preset.name;
        }
    }
}

TEST_F(SessionTest, Bf16IsNearFp32) {
    const auto half = load(Precision::bf16);
    ASSERT_NE(half, nullptr);
    UpdateRule rule;
    rule.ns_precision = NsPrecision::fp32;
    Session exact(model_);
    Session rounded(half);
    ASSERT_TRUE(exact.set_up(inputs(), rule).has_value());
    ASSERT_TRUE(rounded.set_up(inputs(), rule).has_value());
    const auto a = exact.render(targets()[0]);
    const auto b = rounded.render(targets()[0]);
    EXPECT_GE(psnr(a->image, b->image), 26);
    EXPECT_NE(a->image.rgb, b->image.rgb);
}

TEST_F(SessionTest, SizesThatThePatchDoesNotDivideAreRefused) {
    Session session(model_);
    auto odd = views_;
    odd[0].camera.width = 22;
    const auto result = session.set_up(std::span(odd).first(1), model_->trained_rule());
    ASSERT_FALSE(result.has_value());
    EXPECT_NE(result.error().message().find("22x16"), std::string::npos);
    EXPECT_FALSE(session.set_up({}, model_->trained_rule()).has_value());
}

TEST(Memory, TheInputOfTheNetworkIsMadeWithinTheEstimate) {
    constexpr Size size{96, 64};
    constexpr std::size_t count = 40;
    std::vector<PreparedView> views;
    SceneFiles scene;
    scene.views.resize(count);
    for (SceneView& view : scene.views) {
        view.camera.width = 8;  // Small photos: what they take does not hide the rest.
        view.camera.height = 8;
        views.push_back(test::random_view(static_cast<int>(views.size()), size));
    }
    const MemoryNeed need = estimate_memory(scene, test::small_config(), count, size, 1);
    at::Tensor posed;
    const auto peak = static_cast<std::size_t>(test::peak_of_tensors([&] { posed = posed_views(views); }));
    EXPECT_GE(peak, count * 12 * 96 * 64 * sizeof(float));
    EXPECT_LE(peak, need.posed);
    EXPECT_LE(need.images + peak, need.without_model());
    // As of all views at once.
    std::vector<Camera> cameras;
    std::vector<const ImageF*> images;
    for (const PreparedView& view : views) {
        cameras.push_back(view.camera);
        images.push_back(view.image.get());
    }
    const at::Tensor expected = at::cat({pose_channels(cameras).unsqueeze(0), to_tensor(images) * 2 - 1}, 2);
    EXPECT_TRUE(at::allclose(posed, expected, 1e-6, 1e-6));
}

TEST(Memory, MoreViewsThanFitAreRefusedWithTheNumberThatDoes) {
    const ModelConfig config = test::small_config();
    const std::size_t one = set_up_bytes(config, 1, {64, 64});
    EXPECT_EQ(set_up_bytes(config, 10, {64, 64}), 10 * one);
    EXPECT_TRUE(check_memory(config, 10, {64, 64}, 10 * one).has_value());
    const auto refused = check_memory(config, 11, {64, 64}, 10 * one);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().hint.find("10 input views"), std::string::npos);
    EXPECT_TRUE(check_memory(config, 1000000, {64, 64}, 0).has_value());  // unknown: not refused
    EXPECT_GT(available_cpu_bytes(), 0U);
}

TEST(OutsideTraining, OneSentenceNamesEveryReason) {
    WeightsInfo info;
    EXPECT_EQ(outside_training(info, {128, 128}, 1, 1.0F), "");  // the file does not say
    info.trained_sizes = {{32, 32}, {64, 64}};
    info.trained_views = {{4, 6}};
    info.background = "white";
    EXPECT_EQ(outside_training(info, {64, 64}, 6, 0.3F), "");
    EXPECT_EQ(outside_training(info, {64, 64}, 8, 0.3F),
              "8 input views, more than in training (4 to 6): whether they help is not known");
    const auto all = outside_training(info, {128, 64}, 2, 1.0F);
    for (const char* part : {"128x64", "64x64", "background", "2 input views"}) {
        EXPECT_NE(all.find(part), std::string::npos) << all;
    }
}

TEST(OutsideTraining, AFamilyThatWasNotTrainedOnIsNamed) {
    WeightsInfo info;
    info.families = {"vehicles"};
    const GenerationSpec vehicle{&vehicles_family(), 90'700'000, 8, 64};
    const GenerationSpec other{&general_family(), 7, 8, 64};
    EXPECT_EQ(outside_training(info, {64, 64}, 8, 0.3F, vehicle), "");
    EXPECT_NE(outside_training(info, {64, 64}, 8, 0.3F, other).find("of the family general"),
              std::string::npos);
    EXPECT_NE(outside_training(info, {64, 64}, 8, 0.3F, {}).find("of no known family"), std::string::npos);
    info.families = {"general", "vehicles"};
    EXPECT_EQ(outside_training(info, {64, 64}, 8, 0.3F, other), "");
    EXPECT_EQ(outside_training(info, {64, 64}, 8, 0.3F, {}), "") << "any object is what that family is for";
    info.families = {"general"};
    EXPECT_NE(outside_training(info, {64, 64}, 8, 0.3F, vehicle).find("of the family vehicles"),
              std::string::npos);
}

TEST(ParseSize, NumbersAndPairs) {
    EXPECT_EQ(*parse_size("64"), (Size{64, 64}));
    EXPECT_EQ(*parse_size("128x96"), (Size{128, 96}));
    for (const char* text : {"", "0", "-8", "64x", "x64", "64x0", "64 x 64", "9000", "a"}) {
        EXPECT_FALSE(parse_size(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace lact
