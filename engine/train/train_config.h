#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"
#include "engine/procedural/world_family.h"
#include "engine/ttt/update_rule.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// Decay of the learning rate over the last part of a stage.
enum class Decay { constant, linear, cosine };
/// Precision of matrix products in training. Parameters, norms and the optimiser stay fp32. `automatic`
/// ("auto") chooses the faster precision of the device when a run begins: CPUs without bf16 products are
/// faster in fp32.
enum class TrainPrecision { bf16, fp32, automatic };

/// A range of counts, both ends included. Every step draws a count from it.
struct CountRange {
    int min = 1;
    int max = 1;
    friend bool operator==(const CountRange&, const CountRange&) = default;
};

/// The optimiser of a run.
enum class OptimizerKind {
    adamw,  ///< AdamW for all parameters.
    muon,   ///< Muon for the matrices of the blocks, AdamW for the rest.
};

/// Options of Optimizer.
struct OptimizerOptions {
    OptimizerKind kind = OptimizerKind::muon;
    double weight_decay = 0.1;  ///< Decoupled; on matrices, not on norm weights and biases.
    double beta1 = 0.9;
    double beta2 = 0.95;
    double muon_momentum = 0.95;
    double clip = 1.0;  ///< Largest norm of the whole gradient; 0: no clipping.
    double ema_decay =
        0.99;  ///< Of the averaged parameters, which are evaluated and published; 0: no average.

    friend bool operator==(const OptimizerOptions&, const OptimizerOptions&) = default;
};

/// What one step trains on.
struct BatchShape {
    int size = 64;  ///< Width and height of the images in pixels, a multiple of the patch.
    int batch = 8;  ///< Scenes of one step.
    CountRange inputs{4, 4};
    CountRange targets{4, 4};
    friend bool operator==(const BatchShape&, const BatchShape&) = default;
};

/// A part of the run.
struct TrainStage : BatchShape {
    /// Shapes that take turns with the stage's own, step by step. Weights that are trained at one size fail
    /// at others; with two sizes in turn they keep both.
    std::vector<BatchShape> in_turn_with;
    long long steps = 1000;  ///< Of all shapes together.
    double learning_rate = 1e-3;
    double end_learning_rate = 0;  ///< At the end of the decay; unused without decay.
    Decay decay = Decay::constant;
    double decay_fraction = 1;  ///< Fraction of the stage, at its end, in which the rate decays, in (0, 1].

    /// Shapes that take turns: 1 + in_turn_with.size().
    [[nodiscard]] std::size_t turns() const { return 1 + in_turn_with.size(); }
    /// The shape of turn `turn` in [0, turns()).
    [[nodiscard]] const BatchShape& shape(std::size_t turn) const {
        return turn == 0 ? *this : in_turn_with[turn - 1];
    }
    /// The different sizes of all shapes, largest first.
    [[nodiscard]] std::vector<int> sizes() const;
    friend bool operator==(const TrainStage&, const TrainStage&) = default;
};

/// Weights of losses on geometry of the target views. The output layer has extra rows for them during
/// training. Weight files do not hold these rows and keep the released format.
struct AuxiliaryLosses {
    double silhouette = 0;  ///< Squared error of the coverage of a pixel by the object.
    double position = 0;    ///< Squared distance, in world units, of the visible surface point.
    [[nodiscard]] bool any() const { return silhouette > 0 || position > 0; }
    friend bool operator==(const AuxiliaryLosses&, const AuxiliaryLosses&) = default;
};

/// Cache of drawn scenes, which are used several times so that drawing costs little.
struct SceneCache {
    int views = 16;    ///< Images drawn of every scene.
    int reuse = 4;     ///< Uses of a drawn scene, each with other views and augmentation.
    int scenes = 256;  ///< Scenes in use at a time.
    friend bool operator==(const SceneCache&, const SceneCache&) = default;
};

/// Configuration of a training run. assets/train holds JSON files.
struct TrainConfig {
    std::string name = "unnamed";  ///< Of the weights.
    ModelConfig model;
    std::string rule = "baseline";  ///< Text form of parse_update_rule(), with the Newton-Schulz precision.
    /// Families of generated worlds, used in turn; in JSON one name or file, or a list of them.
    std::vector<const WorldFamily*> families{&general_family()};
    std::vector<TrainStage> stages;
    int warm_up_steps = 60;  ///< First steps of the run, over which the learning rate rises linearly.
    OptimizerOptions optimizer;
    double foreground_weight = 0;  ///< Pixels that are not white have the weight 1 + this in the loss.
    AuxiliaryLosses auxiliary;
    double gradient_difference_weight = 0;  ///< Weight of a loss on differences of adjacent pixels; 0: off.
    double gradient_difference_from = 0;    ///< Fraction of the run, in [0, 1], after which that loss is on.
    TrainPrecision precision = TrainPrecision::bf16;
    bool augmentations = true;  ///< Rotation about the vertical, mirroring, gamma, permuted colour channels.
    double augmentation_log_gamma = 0.35;  ///< Gamma is exp(x) with |x| at most this; 0: off.
    std::uint64_t seed = 1;                ///< Of the initial parameters and all random choices.
    std::uint64_t first_seed = 0;          ///< Seed of the first training world; the others follow.
    /// Worlds are numbered as if so many shapes took turns, where no stage has more. A decay branch has it
    /// from its run, so that it sees no world again.
    int turns = 1;
    SceneCache cache;

    // These may change when a run resumes. They do not affect the weights beyond rounding.
    double checkpoint_minutes = 5;  ///< 0: after every step.
    int evaluation_steps = 500;     ///< Steps between evaluations; 0: only at the end.
    int evaluation_scenes = 200;    ///< First scenes of the held-out list.
    int curve_steps = 10;           ///< Steps between rows of curve.csv.
    int threads = 0;                ///< CPU threads of the training; 0: one for each core.
    /// Parts of a batch that a CPU computes at the same time, with an equal share of the threads; 0: one for
    /// each thread. Another number adds in another order.
    int workers = 0;
    int loader_threads =
        0;  ///< Threads that draw scenes ahead at low priority; 0: one for each core, at most 16.

    /// Steps of all stages.
    [[nodiscard]] long long steps() const;
    friend bool operator==(const TrainConfig&, const TrainConfig&) = default;
};

/// Reads a configuration from JSON text. Absent fields keep their defaults; `stages` and `model` are
/// required. Errors: an unknown field or a value out of range, with the field, its value and what is allowed.
/// `where` is the name of the file in messages.
[[nodiscard]] Result<TrainConfig> parse_train_config(std::string_view text, const std::string& where);
[[nodiscard]] Result<TrainConfig> load_train_config(const std::filesystem::path& path);

/// The checks of parse_train_config() across fields: heads divide d, stages fit the cache and the patch,
/// families have what the losses need.
[[nodiscard]] Result<void> check_train_config(const TrainConfig& config, const std::string& where);

/// All fields as JSON. parse_train_config() reads it back to an equal configuration.
[[nodiscard]] std::string format_train_config(const TrainConfig& config);

/// The parsed rule. The configuration must have passed parse_train_config().
[[nodiscard]] UpdateRule train_rule(const TrainConfig& config);

/// The same run with `steps` steps in total. The stages keep their proportions, with at least one step each,
/// so the learning rate still decays completely. Errors: fewer steps than stages.
[[nodiscard]] Result<TrainConfig> with_steps(TrainConfig config, long long steps);

/// The learning rate of a step in [0, config.steps()): the rate of its stage, which decays over the last part
/// of the stage, times (step + 1) / warm_up_steps in the first steps of the run.
[[nodiscard]] double learning_rate(const TrainConfig& config, long long step);

/// The run that branches off `config` after `step` steps, in [1, config.steps()], and decays the learning
/// rate linearly from its value there to `end_learning_rate` over `decay_steps` steps of the current stage
/// (Hägele et al., arXiv 2405.18392). The steps before are unchanged, and the worlds go on with those that
/// `config` has next, so a checkpoint of that step continues with it. Errors: `step` out of range; no decay
/// steps.
[[nodiscard]] Result<TrainConfig> decay_branch(TrainConfig config, long long step, long long decay_steps,
                                               double end_learning_rate = 0);

/// The first field whose difference prevents a run of `before` from resuming as `now`, for example
/// "stages[0].batch: 8, not 4"; empty where there is none.
[[nodiscard]] std::string incompatibility(const TrainConfig& before, const TrainConfig& now);

}  // namespace lact
