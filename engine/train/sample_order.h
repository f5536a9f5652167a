#pragma once

#include "engine/procedural/world_family.h"
#include "engine/train/augment.h"
#include "engine/train/train_config.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace lact {

/// One training sample: views of a generated world, first inputs, then targets.
struct SamplePlan {
    const WorldFamily* family = &general_family();
    std::uint64_t seed = 0;
    std::vector<int> views;  ///< Distinct indices below cache.views.
    Augmentation augmentation;
};

/// The batch of one step. All samples have the same numbers of input and target views.
struct BatchPlan {
    long long step = 0;
    std::size_t stage = 0;
    int size = 0;
    int inputs = 0;
    int targets = 0;
    std::vector<SamplePlan> samples;
};

/// The samples of a run and their order: a pure function of the configuration and the step. A resumed run
/// continues exactly, and any number of threads may prepare batches.
///
/// A scene is drawn once and used `reuse` times. Scenes come in blocks. While a block is used for the first
/// time, the previous block is used for the second time, and so on, each in its own shuffled order. So one
/// new scene is drawn for every `reuse` samples, and `cache.scenes` scenes are in use at a time. The first
/// blocks of a run are used less often. Shapes that take turns have scenes of their own, so that no scene is
/// drawn at two sizes.
class SampleOrder {
  public:
    explicit SampleOrder(const TrainConfig& config);

    [[nodiscard]] long long steps() const { return steps_; }
    /// The stage of a step in [0, steps()).
    [[nodiscard]] std::size_t stage_of(long long step) const;
    /// The turn of a step in [0, steps()) among the shapes of its stage.
    [[nodiscard]] std::size_t turn_of(long long step) const;
    /// The shape of a step in [0, steps()).
    [[nodiscard]] const BatchShape& shape_of(long long step) const;
    /// Samples used by all steps before this one.
    [[nodiscard]] long long samples_before(long long step) const;
    /// Those of them that were used by steps of this turn.
    [[nodiscard]] long long samples_before(long long step, std::size_t turn) const;
    /// The batch of a step in [0, steps()).
    [[nodiscard]] BatchPlan batch(long long step) const;
    /// The n-th sample of a turn with `views` views.
    [[nodiscard]] SamplePlan sample(long long n, int views, std::size_t turn = 0) const;
    /// The cache size at which no scene is drawn twice.
    [[nodiscard]] std::size_t cache_capacity() const;

    [[nodiscard]] const TrainConfig& config() const { return config_; }

  private:
    /// Stage of a step, and the step within it.
    [[nodiscard]] std::pair<std::size_t, long long> place_of(long long step) const;
    [[nodiscard]] std::uint64_t scene_of(long long n, std::size_t turn) const;

    TrainConfig config_;
    long long steps_ = 0;
    std::uint64_t block_ = 1;  ///< Scenes in a block.
    std::uint64_t turns_ = 1;  ///< Most shapes that take turns in a stage, or TrainConfig::turns.
};

/// The position of i in a shuffled order of [0, count): one permutation for each key.
[[nodiscard]] std::uint64_t shuffled(std::uint64_t i, std::uint64_t count, std::uint64_t key);

}  // namespace lact
