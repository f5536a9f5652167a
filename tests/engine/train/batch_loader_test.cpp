#include "engine/train/batch_loader.h"

#include "engine/model/rays.h"
#include "tests/support/sphere_world.h"

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

TrainConfig loader_config(long long steps) {
    TrainConfig config;
    config.model = {2, 64, 16, 32, 1, 8};
    TrainStage stage;
    stage.size = 8;
    stage.batch = 3;
    stage.inputs = {2, 3};
    stage.targets = {1, 2};
    stage.steps = steps;
    config.stages.push_back(stage);
    config.cache = {6, 2, 8};
    return config;
}

bool equal(const Batch& a, const Batch& b) {
    return a.plan.step == b.plan.step && at::equal(a.images, b.images) &&
           at::equal(a.intrinsics, b.intrinsics) && at::equal(a.c2w, b.c2w);
}

TEST(BatchLoader, AnyNumberOfThreadsGivesTheSameBatchesInOrder) {
    const SampleOrder order(loader_config(20));
    BatchLoader one(order, 0, test::sphere_views, 1, 1);
    BatchLoader many(order, 0, test::sphere_views, 4, 7);
    for (long long step = 0; step < 20; ++step) {
        const auto a = one.next();
        const auto b = many.next();
        ASSERT_TRUE(a && b);
        EXPECT_EQ(a->plan.step, step);
        EXPECT_TRUE(equal(*a, *b)) << step;
    }
    EXPECT_FALSE(one.next().has_value());  // all are taken
    EXPECT_EQ(one.scenes_drawn(), many.scenes_drawn());
}

TEST(BatchLoader, ASlowBatchIsWaitedForWhileOthersAreMade) {
    const SampleOrder order(loader_config(6));
    std::mutex mutex;
    std::condition_variable changed;
    int drawn = 0;
    const std::uint64_t slow = order.batch(0).samples[0].seed;
    // The first scene is finished only after three others were.
    const auto draw = [&](const WorldFamily& family, std::uint64_t seed, int views, int size) {
        std::unique_lock lock(mutex);
        if (seed == slow) {
            changed.wait(lock, [&] { return drawn >= 3; });
        }
        ++drawn;
        changed.notify_all();
        return test::sphere_views(family, seed, views, size);
    };
    BatchLoader loader(order, 0, draw, 3, 4);
    for (long long step = 0; step < 6; ++step) {
        const auto batch = loader.next();
        ASSERT_TRUE(batch.has_value());
        EXPECT_EQ(batch->plan.step, step);
    }
}

TEST(BatchLoader, BeginsInTheMiddleAsIfItHadBegunAtTheStart) {
    const SampleOrder order(loader_config(12));
    BatchLoader whole(order, 0, test::sphere_views, 2, 3);
    BatchLoader part(order, 7, test::sphere_views, 2, 3);
    for (long long step = 0; step < 12; ++step) {
        const auto a = whole.next();
        ASSERT_TRUE(a.has_value());
        if (step >= 7) {
            const auto b = part.next();
            ASSERT_TRUE(b.has_value());
            EXPECT_TRUE(equal(*a, *b));
        }
    }
}

TEST(BatchLoader, EndsWithoutHangingWhateverItWasDoing) {
    const SampleOrder order(loader_config(1000));
    { const BatchLoader untouched(order, 0, test::sphere_views, 3, 2); }  // full, nobody takes
    {
        BatchLoader some(order, 0, test::sphere_views, 3, 2);
        ASSERT_TRUE(some.next().has_value());
    }
    const SampleOrder short_order(loader_config(2));
    BatchLoader finished(short_order, 0, test::sphere_views, 3, 8);
    ASSERT_TRUE(finished.next() && finished.next());
}

/// The loader of a run whose first scene is not finished, with its drawing, before finish().
class UnfinishedScene {
  public:
    ~UnfinishedScene() { finish(); }
    [[nodiscard]] BatchLoader& loader() { return loader_; }
    void wait_until_drawn() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return drawn_; });
    }
    void finish() {
        const std::lock_guard lock(mutex_);
        finished_ = true;
        changed_.notify_all();
    }

  private:
    GeneratedViews draw(const WorldFamily& family, std::uint64_t seed, int views, int size) {
        std::unique_lock lock(mutex_);
        drawn_ = true;
        changed_.notify_all();
        changed_.wait(lock, [&] { return finished_; });
        return test::sphere_views(family, seed, views, size);
    }

    SampleOrder order_{loader_config(4)};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool drawn_ = false;
    bool finished_ = false;
    BatchLoader loader_{order_, 0,
                        [this](const WorldFamily& family, std::uint64_t seed, int views, int size) {
                            return draw(family, seed, views, size);
                        },
                        1, 1};
};

TEST(BatchLoader, DoesNotWaitWhenAskedToStopBefore) {
    UnfinishedScene scene;
    std::stop_source stop;
    stop.request_stop();
    const auto batch = scene.loader().next(stop.get_token());
    ASSERT_FALSE(batch.has_value());
    EXPECT_TRUE(batch.error().cancelled);
}

TEST(BatchLoader, StopsWaitingWhenAskedToWhileASceneIsDrawn) {
    UnfinishedScene scene;
    std::stop_source stop;
    std::promise<void> begins;
    const std::jthread user([&] {
        begins.get_future().wait();
        scene.wait_until_drawn();
        // Most likely next() waits then. Where it does not yet, it ends all the same.
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        stop.request_stop();
    });
    begins.set_value();
    const auto batch = scene.loader().next(stop.get_token());
    ASSERT_FALSE(batch.has_value());
    EXPECT_TRUE(batch.error().cancelled);
}

TEST(BatchLoader, AFailureToDrawIsAnError) {
    const SampleOrder order(loader_config(4));
    BatchLoader loader(
        order, 0,
        [](const WorldFamily&, std::uint64_t, int, int) -> GeneratedViews {
            throw std::runtime_error("no colours");
        },
        2, 2);
    const auto batch = loader.next();
    ASSERT_FALSE(batch.has_value());
    EXPECT_NE(batch.error().what.find("no colours"), std::string::npos);
}

TEST(TrainingViews, AreWhatTheNetworkIsGivenAtInference) {
    TrainConfig plain = loader_config(3);
    plain.augmentations = false;
    const SampleOrder order(plain);
    BatchLoader loader(order, 1, test::sphere_views, 1, 1);
    const auto batch = loader.next();
    ASSERT_TRUE(batch.has_value());
    const TrainingViews views = training_views(*batch, at::kCPU);
    const BatchPlan plan = order.batch(1);
    for (int64_t b = 0; b < 3; ++b) {
        const SamplePlan& sample = plan.samples[static_cast<std::size_t>(b)];
        const GeneratedViews scene = test::sphere_views(*sample.family, sample.seed, 6, 8);
        std::vector<Camera> cameras;
        std::vector<ImageF> photos;
        for (const int view : sample.views) {
            cameras.push_back(scene.cameras[static_cast<std::size_t>(view)]);
            const auto begin = scene.rgb.begin() + view * 8 * 8 * 3;
            photos.push_back(to_image_f({8, 8, 3, {begin, begin + 8 * 8 * 3}}));
        }
        std::vector<const ImageF*> pointers;
        for (const ImageF& image : photos) {
            pointers.push_back(&image);
        }
        const auto images = to_tensor(pointers)[0];
        const auto pose = pose_channels(cameras);
        const auto posed = at::cat({pose, images * 2 - 1}, 1);
        EXPECT_TRUE(at::allclose(views.posed[b], posed.slice(0, 0, plan.inputs), 1e-5, 1e-6));
        EXPECT_TRUE(at::allclose(views.pose[b], pose.slice(0, plan.inputs), 1e-5, 1e-6));
        EXPECT_TRUE(at::allclose(views.targets[b], images.slice(0, plan.inputs), 1e-5, 1e-6));
    }
}

TEST(DrawnScenes, AreDrawnOnceByWhoeverAsksFirst) {
    std::mutex mutex;
    int draws = 0;
    DrawnScenes scenes(
        [&](const WorldFamily& family, std::uint64_t seed, int views, int size) {
            const std::lock_guard lock(mutex);
            ++draws;
            return test::sphere_views(family, seed, views, size);
        },
        2, 10);
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&scenes] {
                for (std::uint64_t seed = 0; seed < 5; ++seed) {
                    EXPECT_EQ(scenes.get(general_family(), seed, 8)->cameras.size(), 2U);
                }
            });
        }
    }
    EXPECT_EQ(draws, 5);
    (void)scenes.get(scenes_family(), 0, 8);
    (void)scenes.get(general_family(), 0, 16);
    EXPECT_EQ(scenes.drawn(), 7);  // another family, another size
}

}  // namespace
}  // namespace lact
