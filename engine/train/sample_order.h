#pragma once

#include "engine/procedural/world_family.h"
#include "engine/train/augment.h"
#include "engine/train/train_config.h"

#include <cstdint>
#include <vector>

namespace lact {

/// What one training sample is: views of a generated world, in the order inputs, targets.
struct SamplePlan {
    const WorldFamily* family = &general_family();
    std::uint64_t seed = 0;
    std::vector<int> views;  ///< Different indices below cache.views.
    Augmentation augmentation;
};

/// What one step trains on. All samples of a batch have equally many input and target views.
struct BatchPlan {
    long long step = 0;
    std::size_t stage = 0;
    int size = 0;
    int inputs = 0;
    int targets = 0;
    std::vector<SamplePlan> samples;
};

/// Which samples a run trains on, in which order: a pure function of the configuration and the step, so that
/// a resumed run goes on exactly and any number of threads may prepare batches.
///
/// A scene is drawn once and used `reuse` times. Scenes come in blocks; while a block is used for the first
/// time, the one before it is used for the second time, and so on, each use in a shuffled order of its own.
/// So one new scene is drawn for every `reuse` samples, evenly, and `cache.scenes` are in use at a time. (The
/// first blocks of a run are used less often, as nothing is before them.)
class SampleOrder {
  public:
    explicit SampleOrder(const TrainConfig& config);

    [[nodiscard]] long long steps() const { return steps_; }
    /// The stage that a step in [0, steps()) belongs to.
    [[nodiscard]] std::size_t stage_of(long long step) const;
    /// Samples used by all steps before this one.
    [[nodiscard]] long long samples_before(long long step) const;
    [[nodiscard]] BatchPlan batch(long long step) const;
    /// The n-th sample of the run, with so many views.
    [[nodiscard]] SamplePlan sample(long long n, int views) const;
    /// Drawn scenes that must be kept so that none is drawn twice.
    [[nodiscard]] std::size_t cache_capacity() const;

    [[nodiscard]] const TrainConfig& config() const { return config_; }

  private:
    [[nodiscard]] std::uint64_t scene_of(long long n) const;

    TrainConfig config_;
    long long steps_ = 0;
    std::uint64_t block_ = 1;  ///< Scenes in a block.
};

/// The place of i in a shuffled order of [0, count): a permutation for every key.
[[nodiscard]] std::uint64_t shuffled(std::uint64_t i, std::uint64_t count, std::uint64_t key);

}  // namespace lact
