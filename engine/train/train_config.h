#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"
#include "engine/procedural/world_family.h"
#include "engine/train/optimizer_options.h"
#include "engine/ttt/update_rule.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// How the learning rate falls over the last part of a stage.
enum class Decay { constant, linear, cosine };
/// Of matrix products in training; parameters, norms and the optimiser stay in fp32. `automatic` ("auto")
/// takes the faster one of the device when a run begins: processors without bf16 products are faster in fp32.
enum class TrainPrecision { bf16, fp32, automatic };

/// Fewest and most of something; every step draws a number of them anew.
struct CountRange {
    int min = 1;
    int max = 1;
    friend bool operator==(const CountRange&, const CountRange&) = default;
};

/// A part of the run with pictures of one size.
struct TrainStage {
    int size = 64;  ///< Width and height of the pictures in pixels, a multiple of the patch.
    int batch = 8;  ///< Scenes a step.
    CountRange inputs{4, 4};
    CountRange targets{4, 4};
    long long steps = 1000;
    double learning_rate = 1e-3;
    double end_learning_rate = 0;  ///< At the end of the decay; of no effect without one.
    Decay decay = Decay::constant;
    double decay_fraction = 1;  ///< The last part of the stage in which the rate falls, in (0, 1].
    friend bool operator==(const TrainStage&, const TrainStage&) = default;
};

/// Weights of losses on what the target views show beside colour. The output layer gets rows of their own for
/// them while it is trained; weight files do not hold these rows, so the form stays the released one.
struct AuxiliaryLosses {
    double silhouette = 0;  ///< Squared error of the share of a pixel that the object covers.
    double position = 0;    ///< Squared distance, world units, of the surface point a pixel shows.
    [[nodiscard]] bool any() const { return silhouette > 0 || position > 0; }
    friend bool operator==(const AuxiliaryLosses&, const AuxiliaryLosses&) = default;
};

/// Drawn scenes are kept and used several times, so that drawing costs little beside training.
struct SceneCache {
    int views = 16;    ///< Pictures drawn of every scene.
    int reuse = 4;     ///< How often a drawn scene is used, each time with other views and augmentation.
    int scenes = 256;  ///< Scenes that are in use at a time.
    friend bool operator==(const SceneCache&, const SceneCache&) = default;
};

/// All that decides what a training run computes, and how it is watched. JSON files in assets/train.
struct TrainConfig {
    std::string name = "unnamed";  ///< Of the weights.
    ModelConfig model;
    std::string rule = "baseline";  ///< As parse_update_rule() reads it, with the precision of Newton-Schulz.
    /// Families of generated worlds, taken in turns; in JSON one name or file, or a list of them.
    std::vector<const WorldFamily*> families{&general_family()};
    std::vector<TrainStage> stages;
    int warm_up_steps = 60;  ///< The learning rate rises linearly over the run's first steps.
    OptimizerOptions optimizer;
    double foreground_weight = 0;  ///< Pixels that are not white count 1 + this in the loss.
    AuxiliaryLosses auxiliary;
    double gradient_difference_weight = 0;  ///< Of a loss on differences of neighbouring pixels; 0: without.
    double gradient_difference_from = 0;    ///< Part of the run, in [0, 1], after which that loss counts.
    TrainPrecision precision = TrainPrecision::bf16;
    bool augmentations = true;             ///< Rotation about up, mirror, gamma, permuted colour channels.
    double augmentation_log_gamma = 0.35;  ///< Gammas are exp(x), |x| at most this; 0: none.
    std::uint64_t seed = 1;                ///< Of the initial parameters and of all random choices.
    std::uint64_t first_seed = 0;          ///< World of the first training scene; the others follow.
    SceneCache cache;

    // What may change when a run is resumed: it does not change what is learned.
    double checkpoint_minutes = 5;  ///< 0: after every step.
    int evaluation_steps = 500;     ///< An evaluation every so many steps, and at the end; 0: at the end.
    int evaluation_scenes = 200;    ///< Of the held-out list, from its beginning.
    int curve_steps = 10;           ///< A row of curve.csv every so many steps.
    int threads = 0;                ///< CPU threads of one operation; 0: one per core.
    int loader_threads = 0;         ///< That draw scenes ahead, at low priority; 0: one per core, at most 16.

    [[nodiscard]] long long steps() const;
    friend bool operator==(const TrainConfig&, const TrainConfig&) = default;
};

/// Reads a configuration from JSON text. Fields that are absent keep their defaults; `stages` and `model`
/// must be there. Errors name the field, its value and what is allowed; unknown fields are refused.
/// `where`: the file's name in messages.
[[nodiscard]] Result<TrainConfig> parse_train_config(std::string_view text, const std::string& where);
[[nodiscard]] Result<TrainConfig> load_train_config(const std::filesystem::path& path);

/// What parse_train_config() checks beyond single fields: heads that divide d, stages that fit the cache and
/// the patch, families that suit the losses. `where` as there.
[[nodiscard]] Result<void> check_train_config(const TrainConfig& config, const std::string& where);

/// All fields as JSON; parse_train_config() reads it back as an equal configuration.
[[nodiscard]] std::string format_train_config(const TrainConfig& config);

/// The parsed rule; a configuration from parse_train_config() has a valid one.
[[nodiscard]] UpdateRule train_rule(const TrainConfig& config);

/// The same run with `steps` steps in all: the stages keep their shares (at least one step each), so that
/// the learning rate still falls to its end. Errors: fewer steps than stages.
[[nodiscard]] Result<TrainConfig> with_steps(TrainConfig config, long long steps);

/// The run that leaves `config` after `step` steps (in [1, config.steps()]) and lets the learning rate fall
/// linearly from what it is there to `end_learning_rate` over `decay_steps` steps of the stage it is in: the
/// constant part of a run can be branched off at any time (Hägele et al., arXiv 2405.18392). The steps before
/// stay what they were, so a checkpoint of that step goes on with it.
[[nodiscard]] Result<TrainConfig> decay_branch(TrainConfig config, long long step, long long decay_steps,
                                               double end_learning_rate = 0);

/// The first field whose difference makes a run another one ("stages[0].batch: 8, not 4"); empty where a run
/// of `before` can go on as `now`.
[[nodiscard]] std::string incompatibility(const TrainConfig& before, const TrainConfig& now);

}  // namespace lact
