#include "engine/train/held_out.h"

#include "engine/metrics/metrics.h"
#include "engine/model/network.h"
#include "engine/train/training_loss.h"
#include "tests/support/small_model.h"
#include "tests/support/sphere_world.h"

#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

Network small_network() {
    Checkpoint checkpoint;
    checkpoint.config = test::small_config();
    checkpoint.file = test::random_weights(checkpoint.config);
    return {checkpoint, at::kCPU, at::kFloat};
}

std::vector<EvaluationScene> scenes(int count) {
    std::vector<std::uint64_t> seeds;
    for (int i = 0; i < count; ++i) {
        seeds.push_back(static_cast<std::uint64_t>(i));
    }
    return *draw_evaluation_scenes(general_family(), seeds, 3, 2, 16, test::sphere_views);
}

TEST(HeldOut, BatchesDoNotChangeTheFigures) {
    const Network network = small_network();
    const auto all = scenes(5);
    const auto one_by_one = measure_network(network, {}, all, {1, nullptr, 0});
    std::vector<EvaluationImage> images;
    const auto together = measure_network(network, {}, all, {4, &images, 3});
    ASSERT_TRUE(one_by_one && together);
    EXPECT_EQ(together->scenes, 5U);
    EXPECT_EQ(together->views, 10U);
    EXPECT_NEAR(one_by_one->psnr, together->psnr, 1e-3);
    EXPECT_NEAR(one_by_one->psnr_foreground, together->psnr_foreground, 1e-3);
    EXPECT_EQ(one_by_one->baseline.white, together->baseline.white);
    ASSERT_EQ(images.size(), 3U);
    EXPECT_EQ(images[2].ground_truth.pixels, all[2].images[3].pixels);
}

TEST(HeldOut, ScenesOfUnlikeSizesAreMeasuredApart) {
    auto all = scenes(2);
    all.push_back(
        draw_evaluation_scenes(general_family(), std::vector<std::uint64_t>{7}, 2, 11, 24, test::sphere_views)
            ->front());
    const auto score = measure_network(small_network(), {}, all);
    ASSERT_TRUE(score.has_value()) << score.error().message();
    EXPECT_EQ(score->views, 2U + 2U + 11U);
}

TEST(HeldOut, ARenderingThatIsNotFiniteDoesNotVanishFromTheMeans) {
    auto all = scenes(2);
    all[1].cameras[4].fx = std::nan("");
    MeasureOptions options;
    options.ssim = true;
    const auto score = measure_network(small_network(), {}, all, options);
    ASSERT_TRUE(score.has_value()) << score.error().message();
    EXPECT_TRUE(std::isnan(score->psnr));
    EXPECT_TRUE(std::isnan(score->psnr_foreground));
    EXPECT_TRUE(std::isnan(score->ssim));
    EXPECT_TRUE(std::isfinite(score->baseline.nearest_view));
}

TEST(HeldOut, BaselinesAreWhatTheySay) {
    EvaluationScene scene = scenes(1)[0];
    const ImageF ground_truth = to_image_f(scene.images[4]);
    ImageF white = ground_truth;
    std::fill(white.rgb.begin(), white.rgb.end(), 1.0F);
    const BaselineScore before = baseline_score(scene, 1);
    EXPECT_EQ(before.white, psnr(white, ground_truth));
    // An input at the target's own camera is the nearest; the same image matches exactly.
    scene.cameras[2] = scene.cameras[4];
    scene.images[2] = scene.images[4];
    EXPECT_EQ(baseline_score(scene, 1).nearest_view, 100);
    // An object of one colour is its own silhouette, up to the rounding of fp32.
    for (std::size_t i = 0; i < scene.images[4].pixels.size(); i += 3) {
        auto* pixel = scene.images[4].pixels.data() + i;
        if (pixel[0] != 255 || pixel[1] != 255 || pixel[2] != 255) {
            pixel[0] = 10;
            pixel[1] = 200;
            pixel[2] = 60;
        }
    }
    EXPECT_EQ(baseline_score(scene, 1).silhouette, 100);
    EXPECT_LT(before.silhouette, 100);
    EXPECT_GT(before.silhouette, before.white);
}

TEST(HeldOut, WhatCannotBeMeasuredIsRefused) {
    const Network network = small_network();
    EXPECT_FALSE(measure_network(network, {}, {}).has_value());
    auto all = scenes(1);
    all[0].inputs = 0;
    EXPECT_FALSE(measure_network(network, {}, all).has_value());
    all[0].inputs = 5;
    EXPECT_FALSE(measure_network(network, {}, all).has_value());
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = measure_network(network, {}, scenes(1), {}, {{}, {}, stop.get_token()});
    ASSERT_FALSE(stopped.has_value());
    EXPECT_TRUE(stopped.error().cancelled);
}

TEST(TrainingLoss, IsTheErrorAndTheErrorOfDifferences) {
    const auto ground_truth = at::rand({2, 3, 3, 4, 5}, at::kDouble);
    const auto shifted = ground_truth + 0.1;
    const auto plain = training_loss(shifted, ground_truth, {});
    EXPECT_NEAR(plain.total.item<double>(), 0.01, 1e-12);
    // A constant error has no differences.
    EXPECT_NEAR(training_loss(shifted, ground_truth, {0, 5, {}}).total.item<double>(), 0.01, 1e-12);
    const auto slope = at::arange(5, at::kDouble) * 0.1;
    const auto tilted = training_loss(ground_truth + slope, ground_truth, {0, 2, {}});
    EXPECT_NEAR(tilted.mse.item<double>(), (slope * slope).mean().item<double>(), 1e-12);
    EXPECT_NEAR(tilted.total.item<double>(), tilted.mse.item<double>() + 2 * 0.01, 1e-12);
}

TEST(TrainingLoss, AuxiliaryChannelsAreComparedWhereTheyMeanSomething) {
    auto ground_truth = at::zeros({1, 1, 4, 1, 2}, at::kDouble);
    ground_truth.index_put_({0, 0, 0, 0, 0},
                            1.0);  // The first of two pixels is of the object, at (0.5, 0, 0).
    ground_truth.index_put_({0, 0, 1, 0, 0}, 0.5);
    auto made = ground_truth.clone();
    made.index_put_({0, 0, 0, 0, 1}, 0.4);  // The silhouette is wrong in the second,
    made.index_put_({0, 0, 2, 0, 0}, 0.3);  // the position by 0.3 in the first,
    made.index_put_({0, 0, 3, 0, 1}, 9.0);  // and of no meaning in the second.
    const auto loss = [&](double silhouette, double position) {
        return auxiliary_loss(made, ground_truth, {silhouette, position}).item<double>();
    };
    EXPECT_NEAR(loss(1, 0), 0.16 / 2, 1e-12);
    EXPECT_NEAR(loss(0, 1), 0.09, 1e-12);
    EXPECT_NEAR(loss(2, 3), 2 * 0.08 + 3 * 0.09, 1e-12);
}

TEST(TrainingLoss, PixelsThatAreNotWhiteCountMore) {
    auto ground_truth = at::ones({1, 1, 3, 2, 2}, at::kDouble);
    ground_truth.index_put_({0, 0, 1, 0, 0}, 0.5);  // One of four pixels is of the object.
    auto images = ground_truth.clone();
    images.index_put_({0, 0, 0, 0, 0}, 0.7);  // An error of 0.3 in it,
    images.index_put_({0, 0, 2, 1, 1}, 0.8);  // and of 0.2 in a white one.
    images.requires_grad_(true);
    const auto loss = training_loss(images, ground_truth, {3, 0, {}});
    EXPECT_NEAR(loss.mse.item<double>(), (0.09 + 0.04) / 12, 1e-12);
    EXPECT_NEAR(loss.total.item<double>(), (4 * 0.09 + 0.04) / (3 * (4 + 3)), 1e-12);
    EXPECT_FALSE(loss.mse.requires_grad());
    loss.total.backward();
    EXPECT_NEAR(images.grad()[0][0][0][0][0].item<double>(), 2 * 4 * -0.3 / 21, 1e-12);
    EXPECT_NEAR(images.grad()[0][0][2][1][1].item<double>(), 2 * -0.2 / 21, 1e-12);
}

}  // namespace
}  // namespace lact
