#include "engine/train/sample_order.h"

#include "engine/train/drawn_scenes.h"
#include "tests/support/sphere_world.h"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

namespace lact {
namespace {

TrainConfig order_config() {
    TrainConfig config;
    config.model = {2, 64, 16, 32, 1, 8};
    TrainStage stage;
    stage.size = 8;
    stage.batch = 6;
    stage.inputs = {2, 5};
    stage.targets = {1, 3};
    stage.steps = 40;
    config.stages.push_back(stage);
    stage.size = 16;
    stage.batch = 4;
    stage.steps = 60;
    config.stages.push_back(stage);
    config.cache = {9, 4, 20};
    config.first_seed = 1000;
    return config;
}

TEST(Shuffled, IsAPermutationForEveryCountAndKey) {
    for (const std::uint64_t count : {1, 2, 3, 5, 64, 100, 257}) {
        std::set<std::vector<std::uint64_t>> orders;
        for (std::uint64_t key = 0; key < 5; ++key) {
            std::vector<std::uint64_t> order;
            for (std::uint64_t i = 0; i < count; ++i) {
                order.push_back(shuffled(i, count, key));
            }
            orders.insert(order);
            std::sort(order.begin(), order.end());
            for (std::uint64_t i = 0; i < count; ++i) {
                ASSERT_EQ(order[i], i) << "count " << count;
            }
        }
        if (count >= 64) {
            EXPECT_EQ(orders.size(), 5U);
        }
    }
}

TEST(SampleOrder, IsAPureFunctionOfSeedAndStep) {
    const SampleOrder order(order_config());
    const SampleOrder again(order_config());
    TrainConfig other = order_config();
    other.seed = 2;
    const SampleOrder different(other);
    bool differs = false;
    // Backwards: nothing depends on what was asked before.
    for (long long step = order.steps() - 1; step >= 0; --step) {
        const BatchPlan a = order.batch(step);
        const BatchPlan b = again.batch(step);
        ASSERT_EQ(a.samples.size(), b.samples.size());
        EXPECT_EQ(a.inputs, b.inputs);
        for (std::size_t i = 0; i < a.samples.size(); ++i) {
            EXPECT_EQ(a.samples[i].seed, b.samples[i].seed);
            EXPECT_EQ(a.samples[i].views, b.samples[i].views);
            EXPECT_EQ(a.samples[i].augmentation.angle, b.samples[i].augmentation.angle);
            differs = differs || a.samples[i].views != different.batch(step).samples[i].views;
        }
    }
    EXPECT_TRUE(differs);
}

TEST(SampleOrder, StagesFollowEachOther) {
    const SampleOrder order(order_config());
    EXPECT_EQ(order.steps(), 100);
    EXPECT_EQ(order.samples_before(0), 0);
    EXPECT_EQ(order.samples_before(40), 240);
    EXPECT_EQ(order.samples_before(100), 240 + 240);
    EXPECT_EQ(order.stage_of(39), 0U);
    EXPECT_EQ(order.stage_of(40), 1U);
    EXPECT_EQ(order.batch(39).samples.size(), 6U);
    EXPECT_EQ(order.batch(40).samples.size(), 4U);
    EXPECT_EQ(order.batch(40).size, 16);
}

TEST(SampleOrder, ShapesTakeTurnsWithScenesOfTheirOwn) {
    TrainConfig config = order_config();
    BatchShape small;
    small.size = 24;
    small.batch = 3;
    small.inputs = {4, 4};
    small.targets = {2, 2};
    config.stages[1].steps = 61;
    config.stages[1].in_turn_with = {small};
    const SampleOrder order(config);
    std::map<std::uint64_t, std::set<int>> sizes;  // by scene, of the stage in which two shapes take turns
    long long samples = 0;
    for (long long step = 0; step < order.steps(); ++step) {
        ASSERT_EQ(order.samples_before(step), samples) << step;
        const BatchPlan plan = order.batch(step);
        samples += static_cast<long long>(plan.samples.size());
        const bool turn = step >= 40 && (step - 40) % 2 == 1;
        EXPECT_EQ(plan.size, step < 40 ? 8 : turn ? 24 : 16);
        EXPECT_EQ(plan.size, order.shape_of(step).size);
        EXPECT_EQ(order.turn_of(step), turn ? 1U : 0U);
        if (turn) {
            EXPECT_EQ(plan.samples.size(), 3U);
            EXPECT_EQ(plan.inputs, 4);
            EXPECT_EQ(plan.targets, 2);
        }
        for (const SamplePlan& sample : plan.samples) {
            if (step >= 40) {
                sizes[sample.seed].insert(plan.size);
            }
        }
    }
    EXPECT_EQ(order.samples_before(order.steps()), samples);
    EXPECT_EQ(samples, 240 + 31 * 4 + 30 * 3);
    EXPECT_GT(sizes.size(), 20U);
    for (const auto& [seed, of_scene] : sizes) {
        EXPECT_EQ(of_scene.size(), 1U) << seed;
    }
    // Turns draw other views and augmentations, although their samples have the same numbers.
    EXPECT_NE(order.sample(7, 6, 0).augmentation.angle, order.sample(7, 6, 1).augmentation.angle);
}

TEST(SampleOrder, EveryTurnHasAllFamilies) {
    TrainConfig config = order_config();
    config.families = {&general_family(), &scenes_family()};
    config.stages[0].in_turn_with = {config.stages[0]};
    const SampleOrder order(config);
    for (const std::size_t turn : {0U, 1U}) {
        std::set<const WorldFamily*> families;
        for (long long n = 0; n < 40; ++n) {
            families.insert(order.sample(n, 1, turn).family);
        }
        EXPECT_EQ(families.size(), 2U) << turn;
    }
}

TEST(SampleOrder, ViewsAreDifferentAndCountsStayInTheirRanges) {
    const SampleOrder order(order_config());
    std::set<int> inputs;
    std::set<int> targets;
    std::set<int> views;
    for (long long step = 0; step < order.steps(); ++step) {
        const BatchPlan plan = order.batch(step);
        inputs.insert(plan.inputs);
        targets.insert(plan.targets);
        for (const SamplePlan& sample : plan.samples) {
            ASSERT_EQ(sample.views.size(), static_cast<std::size_t>(plan.inputs + plan.targets));
            const std::set<int> distinct(sample.views.begin(), sample.views.end());
            EXPECT_EQ(distinct.size(), sample.views.size());
            views.insert(distinct.begin(), distinct.end());
        }
    }
    EXPECT_EQ(inputs, (std::set<int>{2, 3, 4, 5}));
    EXPECT_EQ(targets, (std::set<int>{1, 2, 3}));
    EXPECT_EQ(*views.begin(), 0);
    EXPECT_EQ(*views.rbegin(), 8);
}

TEST(SampleOrder, EverySceneIsUsedAsOftenAsItIsMeantTo) {
    const SampleOrder order(order_config());
    constexpr int reuse = 4;
    constexpr int block = 5;  // 20 scenes in use, each used in 4 blocks
    std::map<std::uint64_t, int> uses;
    constexpr long long samples = 4000;
    for (long long n = 0; n < samples; ++n) {
        ++uses[order.sample(n, 1).seed];
    }
    std::map<int, int> histogram;
    for (const auto& [seed, count] : uses) {
        EXPECT_GE(seed, 1000U);
        EXPECT_LE(count, reuse);
        ++histogram[count];
    }
    // Only the blocks at both ends are used less often.
    EXPECT_LE(histogram[1] + histogram[2] + histogram[3], 2 * (reuse - 1) * block);
    EXPECT_EQ(uses.size(), static_cast<std::size_t>(samples / reuse + (reuse - 1) * block));
    EXPECT_EQ(uses.begin()->first, 1000U);  // consecutive worlds, from the first seed on
    EXPECT_EQ(uses.rbegin()->first, 1000 + uses.size() - 1);
}

TEST(SampleOrder, NewScenesComeEvenlyOnceTheCacheIsFull) {
    const SampleOrder order(order_config());
    std::set<std::uint64_t> seen;
    long long n = 0;
    for (; n < 80; ++n) {
        seen.insert(order.sample(n, 1).seed);
    }
    for (; n < 2000; n += 4) {
        const std::size_t before = seen.size();
        for (long long i = 0; i < 4; ++i) {
            seen.insert(order.sample(n + i, 1).seed);
        }
        EXPECT_EQ(seen.size(), before + 1) << n;
    }
}

TEST(SampleOrder, TheCacheHoldsEverySceneUntilItsLastUse) {
    TrainConfig one_size = order_config();
    one_size.stages = {one_size.stages[0]};
    one_size.stages[0].steps = 500;
    const SampleOrder order(one_size);
    std::map<std::uint64_t, int> draws;
    DrawnScenes scenes(
        [&draws](const WorldFamily&, std::uint64_t seed, int, int) {
            ++draws[seed];
            return GeneratedViews{};
        },
        9, order.cache_capacity());
    for (long long n = 0; n < order.samples_before(order.steps()); ++n) {
        const SamplePlan sample = order.sample(n, 1);
        (void)scenes.get(*sample.family, sample.seed, 8);
    }
    for (const auto& [seed, count] : draws) {
        EXPECT_EQ(count, 1) << seed;
    }
    EXPECT_EQ(scenes.drawn(), static_cast<long long>(draws.size()));
}

TEST(SampleOrder, ConsecutiveUsesAreNeitherAlikeNorTogether) {
    const SampleOrder order(order_config());
    std::map<std::uint64_t, std::vector<SamplePlan>> uses;
    for (long long n = 0; n < 2000; ++n) {
        const SamplePlan sample = order.sample(n, 6);
        uses[sample.seed].push_back(sample);
    }
    for (const auto& [seed, samples] : uses) {
        for (std::size_t i = 1; i < samples.size(); ++i) {
            EXPECT_NE(samples[i].augmentation.angle, samples[i - 1].augmentation.angle);
        }
    }
}

TEST(SampleOrder, FamiliesAndAugmentations) {
    TrainConfig both = order_config();
    both.families = {&general_family(), &scenes_family()};
    const SampleOrder order(both);
    int scenes = 0;
    for (long long n = 0; n < 400; ++n) {
        const SamplePlan sample = order.sample(n, 1);
        scenes += sample.family == &scenes_family() ? 1 : 0;
        if (sample.family == &scenes_family()) {
            EXPECT_EQ(sample.augmentation.angle, 0);  // z is not up in normalised poses
        }
        std::array<int, 3> channels = sample.augmentation.channels;
        std::sort(channels.begin(), channels.end());
        EXPECT_EQ(channels, (std::array<int, 3>{0, 1, 2}));
        EXPECT_GE(sample.augmentation.gamma, std::exp(-0.35));
        EXPECT_LE(sample.augmentation.gamma, std::exp(0.35));
    }
    EXPECT_GT(scenes, 150);
    EXPECT_LT(scenes, 250);
    TrainConfig plain = order_config();
    plain.augmentations = false;
    const SamplePlan sample = SampleOrder(plain).sample(3, 2);
    EXPECT_EQ(sample.augmentation.angle, 0);
    EXPECT_FALSE(sample.augmentation.mirror);
    EXPECT_EQ(sample.augmentation.gamma, 1);
}

TEST(SampleOrder, SeedsStayBelowTheHeldOutOnes) {
    TrainConfig late = order_config();
    late.first_seed = training_seed_end - 3;
    const SampleOrder order(late);
    for (long long n = 0; n < 1000; ++n) {
        EXPECT_LT(order.sample(n, 1).seed, training_seed_end);
    }
}

}  // namespace
}  // namespace lact
