#include "engine/train/sample_order.h"

#include "engine/train/keyed_random.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace lact {
namespace {

/// Purposes of random numbers. Each is part of the key, so different choices are independent.
enum Purpose : std::uint64_t { counts = 1, sample_choices = 2, block_order = 3 };

Augmentation draw_augmentation(KeyedRandom& random, WorldKind kind, double largest_log_gamma) {
    Augmentation result;
    result.angle = random.uniform(0, 2 * std::numbers::pi);
    if (kind == WorldKind::scene) {
        // Poses of scenes with surroundings are normalised by the mean camera, so z is not up.
        result.angle = 0;
    }
    result.mirror = random.below(2) == 1;
    result.gamma = std::exp(random.uniform(-largest_log_gamma, largest_log_gamma));
    for (std::size_t i = 2; i > 0; --i) {
        std::swap(result.channels[i], result.channels[random.below(i + 1)]);
    }
    return result;
}

}  // namespace

std::uint64_t shuffled(std::uint64_t i, std::uint64_t count, std::uint64_t key) {
    if (count < 2) {
        return i;
    }
    // A Feistel network permutes the numbers of an even count of bits; results outside are permuted again
    // until one is inside, which keeps it a permutation (Black and Rogaway 2002).
    constexpr std::uint64_t rounds = 6;
    const auto half = static_cast<unsigned>(std::bit_width(count - 1) + 1) / 2;
    const std::uint64_t mask = (1ULL << half) - 1;
    do {
        std::uint64_t left = i >> half;
        std::uint64_t right = i & mask;
        for (std::uint64_t round = 0; round < rounds; ++round) {
            left ^= KeyedRandom({key, round, right}).next() & mask;
            std::swap(left, right);
        }
        i = (left << half) | right;
    } while (i >= count);
    return i;
}

SampleOrder::SampleOrder(const TrainConfig& config)
    : config_(config),
      steps_(config.steps()),
      block_(static_cast<std::uint64_t>(std::max(1, config.cache.scenes / config.cache.reuse))),
      turns_(static_cast<std::uint64_t>(std::max(1, config.turns))) {
    for (const TrainStage& stage : config_.stages) {
        turns_ = std::max<std::uint64_t>(turns_, stage.turns());
    }
}

std::pair<std::size_t, long long> SampleOrder::place_of(long long step) const {
    std::size_t stage = 0;
    while (stage + 1 < config_.stages.size() && step >= config_.stages[stage].steps) {
        step -= config_.stages[stage++].steps;
    }
    return {stage, step};
}

std::size_t SampleOrder::stage_of(long long step) const {
    return place_of(step).first;
}

std::size_t SampleOrder::turn_of(long long step) const {
    const auto [stage, in_stage] = place_of(step);
    return static_cast<std::size_t>(in_stage) % config_.stages[stage].turns();
}

const BatchShape& SampleOrder::shape_of(long long step) const {
    return config_.stages[stage_of(step)].shape(turn_of(step));
}

long long SampleOrder::samples_before(long long step) const {
    long long samples = 0;
    for (std::size_t turn = 0; turn < turns_; ++turn) {
        samples += samples_before(step, turn);
    }
    return samples;
}

long long SampleOrder::samples_before(long long step, std::size_t turn) const {
    long long samples = 0;
    for (const TrainStage& stage : config_.stages) {
        const long long done = std::min(step, stage.steps);
        if (turn < stage.turns()) {
            const auto turns = static_cast<long long>(stage.turns());
            // Of the steps turn, turn + turns, turn + 2 turns, … those below `done`.
            const long long steps = (done - static_cast<long long>(turn) + turns - 1) / turns;
            samples += steps * stage.shape(turn).batch;
        }
        step -= done;
    }
    return samples;
}

std::uint64_t SampleOrder::scene_of(long long n, std::size_t turn) const {
    const auto reuse = static_cast<std::uint64_t>(config_.cache.reuse);
    const std::uint64_t use = static_cast<std::uint64_t>(n) % reuse;
    const std::uint64_t place = static_cast<std::uint64_t>(n) / reuse;
    const std::uint64_t block = place / block_ + (reuse - 1 - use);
    const std::uint64_t key = KeyedRandom({config_.seed, block_order, block, use}).next();
    const std::uint64_t scene = block * block_ + shuffled(place % block_, block_, key);
    return scene * turns_ + turn;
}

SamplePlan SampleOrder::sample(long long n, int views, std::size_t turn) const {
    const std::uint64_t scene = scene_of(n, turn);
    SamplePlan plan;
    // Of the scenes of one turn, so that every turn has all families.
    plan.family = config_.families[scene / turns_ % config_.families.size()];
    plan.seed = (config_.first_seed + scene) % training_seed_end;
    KeyedRandom random({config_.seed, sample_choices, static_cast<std::uint64_t>(n) * turns_ + turn});
    std::vector<int> all(static_cast<std::size_t>(config_.cache.views));
    std::iota(all.begin(), all.end(), 0);
    for (std::size_t i = 0; i < static_cast<std::size_t>(views); ++i) {
        std::swap(all[i], all[i + random.below(all.size() - i)]);
        plan.views.push_back(all[i]);
    }
    if (config_.augmentations) {
        plan.augmentation = draw_augmentation(random, plan.family->kind, config_.augmentation_log_gamma);
    }
    return plan;
}

BatchPlan SampleOrder::batch(long long step) const {
    BatchPlan plan;
    plan.step = step;
    plan.stage = stage_of(step);
    const std::size_t turn = turn_of(step);
    const BatchShape& shape = config_.stages[plan.stage].shape(turn);
    plan.size = shape.size;
    KeyedRandom random({config_.seed, counts, static_cast<std::uint64_t>(step)});
    const auto draw = [&random](const CountRange& range) {
        return range.min +
               static_cast<int>(random.below(static_cast<std::uint64_t>(range.max - range.min) + 1));
    };
    plan.inputs = draw(shape.inputs);
    plan.targets = draw(shape.targets);
    const long long first = samples_before(step, turn);
    for (int i = 0; i < shape.batch; ++i) {
        plan.samples.push_back(sample(first + i, plan.inputs + plan.targets, turn));
    }
    return plan;
}

std::size_t SampleOrder::cache_capacity() const {
    int largest_batch = 0;
    for (const TrainStage& stage : config_.stages) {
        for (std::size_t turn = 0; turn < stage.turns(); ++turn) {
            largest_batch = std::max(largest_batch, stage.shape(turn).batch);
        }
    }
    // At most two passes over the blocks in use lie between two uses of a scene: one block more suffices.
    return static_cast<std::size_t>(turns_) *
           (static_cast<std::size_t>(block_) * static_cast<std::size_t>(config_.cache.reuse + 1) +
            4 * static_cast<std::size_t>(largest_batch));
}

}  // namespace lact
