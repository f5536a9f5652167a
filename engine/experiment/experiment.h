#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/experiment/report.h"
#include "engine/scene/view_set.h"
#include "engine/session/inspection.h"
#include "engine/session/session.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

// Experiments: what arXiv 2602.21204 claims, measured on any scene and weights. A new one needs a class that
// derives from ExperimentRun, and a row in experiment.cpp; verdict.h holds what they conclude, from
// numbers alone.

/// What an experiment works on. It takes copies: later changes of the session do not affect a run.
struct ExperimentInput {
    Session session;  ///< Set up with `inputs`; a snapshot.
    std::shared_ptr<const ViewSet> scene;
    std::vector<std::size_t> inputs;    ///< Indices of the input views.
    std::vector<std::size_t> held_out;  ///< Indices of views to compare with; may be empty.
    Camera camera;  ///< Target camera of images and queries; its size is that of the scene.
    /// Path of the weights, and where they run: to load them again in another precision.
    ComputeOptions compute;
};

enum class Projection { pca, tsne };

/// The choices of a run. Each experiment reads those that its row names.
struct ExperimentSettings {
    int layer = -1;          ///< -1: all layers.
    int head = -1;           ///< -1: all heads.
    int largest_steps = 16;  ///< Inner steps go through 1, 2, 4, … up to this, in [1, 64].
    std::size_t views = 4;   ///< Held-out views that PSNR is the mean of; 0: all.
    Projection projection = Projection::pca;
    std::uint64_t seed = 1;
    int training_steps = 300;  ///< Of each run of an experiment that trains, in [1, 100000].
    /// Folder of weights trained with each rule, NAME.safetensors for the presets; empty: none are there.
    std::string rule_weights;
    friend bool operator==(const ExperimentSettings&, const ExperimentSettings&) = default;
};

/// Which members of ExperimentSettings an experiment reads.
struct ExperimentUses {
    bool place = false;       ///< layer, head
    bool all_places = false;  ///< layer and head may be -1.
    bool steps = false;
    bool views = false;
    bool projection = false;
    bool seed = false;
    bool training = false;  ///< training_steps
    bool rule_weights = false;
    /// Whether it measures the open scene and weights. Otherwise its report says nothing of them.
    bool scene = true;
};

struct Experiment;

/// One run, divided into short pieces of work, so that frames are rendered between them. Not thread-safe.
class ExperimentRun {
  public:
    virtual ~ExperimentRun() = default;
    /// Does the next piece of work, of about a second at most, and updates the report. True while there is
    /// more. Where the job was stopped, the piece is not counted and the next call does it again. Errors end
    /// the run.
    [[nodiscard]] virtual Result<bool> advance(const Job& job) = 0;
    [[nodiscard]] const ExperimentReport& report() const { return report_; }
    /// Fills in what the table of experiments and the settings say. start_experiment() calls it.
    void describe(const Experiment& experiment, std::string rule,
                  std::vector<std::pair<std::string, std::string>> settings);

  protected:
    ExperimentReport report_;
};

/// A row of the table of experiments.
struct Experiment {
    std::string_view id;
    std::string_view title;
    std::string_view claim;    ///< What the paper says, with its place and setting.
    std::string_view summary;  ///< What is done, in one sentence.
    ExperimentUses uses;
    /// Errors: settings out of range; an experiment that the rule or the weights do not allow, with the
    /// reason.
    Result<std::unique_ptr<ExperimentRun>> (*start)(ExperimentInput input,
                                                    const ExperimentSettings& settings);
};

/// All experiments, in the order of the paper's argument.
[[nodiscard]] std::span<const Experiment> experiments();
/// Null where there is none of this id.
[[nodiscard]] const Experiment* find_experiment(std::string_view id);

/// Starts a run: id, title, claim and settings stand in its report. Errors: an unknown id; layer or head
/// outside of the model; steps outside of [1, 64]; those of the experiment.
[[nodiscard]] Result<std::unique_ptr<ExperimentRun>> start_experiment(std::string_view id,
                                                                      ExperimentInput input,
                                                                      const ExperimentSettings& settings);

/// Runs all of it. Errors: those of advance(); the job was stopped.
[[nodiscard]] Result<ExperimentReport> run_experiment(std::string_view id, ExperimentInput input,
                                                      const ExperimentSettings& settings,
                                                      const Job& job = {});

// For the experiments.

/// The settings that every report has, and those that the experiment uses.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> describe_settings(
    const ExperimentInput& input, const ExperimentSettings& settings, const ExperimentUses& uses);
/// The held-out views that `settings.views` chooses: evenly spread over all of them.
[[nodiscard]] std::vector<PreparedView> chosen_held_out(const ExperimentInput& input,
                                                        const ExperimentSettings& settings);
/// Mean PSNR of a session over views, in dB; NaN where there are none.
[[nodiscard]] Result<double> mean_psnr(Session& session, std::span<const PreparedView> views,
                                       const Job& job = {});
/// The open weights in a precision; in another than the open one they are loaded again. Errors: those of
/// Model::load(); the file holds other weights than when it was opened.
[[nodiscard]] Result<std::shared_ptr<const Model>> weights_in(const ExperimentInput& input,
                                                              Precision precision);
/// What the condition of an experiment adds where the rule was only switched at inference: `figure` of the
/// paper ("figure 2") is of weights that run the rule of their training, so others decide nothing about it.
/// Begins with a space.
[[nodiscard]] std::string switched_decides_nothing(std::string_view figure);
/// The same where the weights run their own rule, but of another kind than those of the figure: `of` says of
/// what kind those are.
[[nodiscard]] std::string other_kind_decides_nothing(std::string_view figure, std::string_view of);
/// What the condition adds where the file of the weights does not name the rule of their training; empty
/// where it does. Begins with a space.
[[nodiscard]] std::string assumed_rule_text(const Session& session);
/// Inner steps 1, 2, 4, … up to `largest`, and `largest` itself.
[[nodiscard]] std::vector<int> step_counts(int largest);
/// Largest and mean absolute difference of two images of one size, over pixels and channels.
struct ImageDifference {
    double largest = 0;
    double mean = 0;
};
[[nodiscard]] ImageDifference image_difference(const ImageF& a, const ImageF& b);

}  // namespace lact
