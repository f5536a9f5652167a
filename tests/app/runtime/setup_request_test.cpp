#include "app/runtime/setup_request.h"

#include "app/runtime/engine_service.h"
#include "app/runtime/snapshot.h"

#include <vector>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

EngineRequests weights(const char* path, std::uint64_t sequence) {
    EngineRequests requests;
    requests.weights = {path, sequence};
    return requests;
}

EngineRequests scene_request(const char* path, std::uint64_t sequence) {
    EngineRequests requests;
    SceneRequest request;
    request.path = path;
    requests.scene = {request, sequence};
    return requests;
}

EngineRequests inputs(std::vector<std::size_t> views) {
    EngineRequests requests;
    requests.inputs = InputChoice{std::move(views), {}};
    return requests;
}

EngineRequests steps(int count) {
    EngineRequests requests;
    requests.rule = UpdateRule{};
    requests.rule->inner_steps = count;
    return requests;
}

TEST(EngineRequests, TheNewestOfEachKindCounts) {
    EngineRequests all;
    EXPECT_TRUE(all.empty());
    all.add(steps(2));
    all.add(inputs({1}));
    all.add(steps(3));
    EXPECT_EQ(all.rule->inner_steps, 3);
    EXPECT_EQ(all.inputs->views, std::vector<std::size_t>{1});
    EXPECT_FALSE(all.need_loading());
    EXPECT_EQ(all.title(), "Update the state");
}

TEST(EngineRequests, OpeningDiscardsWhatBelongedToTheOldThing) {
    EngineRequests all;
    all.add(steps(2));
    all.add(inputs({1}));
    all.add(scene_request("scenes/fox/", 1));
    EXPECT_FALSE(all.inputs);
    EXPECT_TRUE(all.rule);
    all.add(inputs({2}));
    all.size = Size{32, 32};
    all.add(weights("w.pt", 2));
    EXPECT_TRUE(all.inputs);
    EXPECT_FALSE(all.rule);
    EXPECT_FALSE(all.size);
    EXPECT_EQ(all.title(), "Open w.pt and fox");
    all.add(scene_request("scenes/cat", 3));
    EXPECT_EQ(all.scene->sequence, 3U);
    EXPECT_TRUE(all.weights);
}

TEST(EngineRequests, AFailureTakesOutWhatIsToBlame) {
    EngineRequests all = weights("w.pt", 1);
    all.add(scene_request("fox", 2));
    all.add(inputs({99}));
    all.add(steps(2));
    EngineRequests left = all;
    drop_failed(left, SetUpStage::weights);
    EXPECT_FALSE(left.weights);
    EXPECT_TRUE(left.scene && left.inputs && left.rule);
    left = all;
    drop_failed(left, SetUpStage::scene);
    EXPECT_FALSE(left.scene || left.inputs);
    EXPECT_TRUE(left.weights && left.rule);
    left = all;
    drop_failed(left, SetUpStage::inputs);
    EXPECT_FALSE(left.inputs);
    EXPECT_TRUE(left.scene);
    left = all;
    drop_failed(left, SetUpStage::state);
    EXPECT_FALSE(left.rule);
    EXPECT_TRUE(left.inputs);
    // However often it fails, it ends.
    for (const SetUpStage stage :
         {SetUpStage::weights, SetUpStage::scene, SetUpStage::inputs, SetUpStage::state}) {
        left = all;
        int times = 0;
        for (; !left.empty() && times < 10; ++times) {
            drop_failed(left, stage);
            if (stage == SetUpStage::weights) {
                break;  // without weights to load this stage cannot fail again
            }
        }
        EXPECT_LT(times, 6);
    }
}

TEST(EngineState, OffersTrainedSizesFirst) {
    ModelConfig config;
    config.patch = 8;
    WeightsInfo info;
    info.trained_sizes = {{128, 128}, {64, 64}, {20, 20}};
    const auto sizes = offered_sizes(config, info);
    ASSERT_GE(sizes.size(), 4U);
    EXPECT_EQ(sizes[0].size, (Size{64, 64}));
    EXPECT_EQ(sizes[0].training, SizeTraining::trained);
    EXPECT_EQ(sizes[1].size, (Size{128, 128}));
    EXPECT_EQ(sizes[2].size, (Size{32, 32}));
    EXPECT_EQ(sizes[2].training, SizeTraining::untrained);
    for (const auto& one : sizes) {
        EXPECT_EQ(one.size.width % 8, 0);
    }
    info.trained_sizes.clear();
    for (const auto& one : offered_sizes(config, info)) {
        EXPECT_EQ(one.training, SizeTraining::unknown);
    }
}

TEST(EngineState, ThumbnailsAreSmall) {
    ImageF wide;
    wide.width = 300;
    wide.height = 150;
    wide.rgb.assign(std::size_t{3} * 300 * 150, 0.5F);
    const Image8 small = make_thumbnail(wide);
    EXPECT_EQ(small.width, 128);
    EXPECT_EQ(small.height, 64);
    EXPECT_EQ(small.pixels[0], 128);
    ImageF tiny;
    tiny.width = 8;
    tiny.height = 16;
    tiny.rgb.assign(std::size_t{3} * 8 * 16, 1.0F);
    EXPECT_EQ(make_thumbnail(tiny).height, 16);
}

}  // namespace

namespace {

TEST(EngineThreads, LeaveRoomForTheInterface) {
    EXPECT_EQ(engine_threads_beside_window(0, false), 1);  // unknown
    EXPECT_EQ(engine_threads_beside_window(1, true), 1);
    EXPECT_EQ(engine_threads_beside_window(2, true), 1);
    EXPECT_EQ(engine_threads_beside_window(2, false), 1);
    EXPECT_EQ(engine_threads_beside_window(16, true), 8);
    EXPECT_EQ(engine_threads_beside_window(16, false), 15);
}

}  // namespace

}  // namespace lact::app
