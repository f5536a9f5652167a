#pragma once

#include "app/compare/compare_table.h"
#include "app/runtime/query.h"
#include "engine/experiment/experiment.h"
#include "engine/model/config.h"
#include "engine/procedural/write_scene.h"
#include "engine/scene/camera.h"
#include "engine/scene/image.h"
#include "engine/scene/view_set.h"
#include "engine/session/load_scene.h"
#include "engine/session/matrix.h"
#include "engine/session/scene_header.h"
#include "engine/session/session.h"
#include "engine/ttt/update_rule.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What the engine thread publishes: immutable values, shared by pointer, free of Torch types.
namespace lact::app {

enum class SizeTraining { trained, untrained, unknown };  ///< unknown: the weights do not say.

/// A model size that can be chosen.
struct OfferedSize {
    Size size;
    SizeTraining training = SizeTraining::unknown;
};

/// The sizes the weights were trained on, then common square ones that the patch divides, ascending by area
/// within each group.
[[nodiscard]] std::vector<OfferedSize> offered_sizes(const ModelConfig& config, const WeightsInfo& info);

/// Rows and columns of the fast-weight matrices of one head.
struct MatrixShape {
    int rows = 0;
    int columns = 0;
};
[[nodiscard]] MatrixShape fast_weight_shape(const ModelConfig& config, FastMatrix which);

struct WeightsSummary {
    std::filesystem::path path;
    std::string name;    ///< From the file; the file name where it has none.
    std::string sha256;  ///< 64 hexadecimal digits.
    std::string device;  ///< "cpu (2 threads)"
    Precision precision = Precision::fp32;
    long long parameters = 0;
    ModelConfig config;  ///< Layers, heads, patch.
    WeightsInfo info;
    UpdateRule trained_rule;
    std::string trained_rule_text;   ///< "baseline (assumed)" where the file does not say.
    std::string trained_rule_label;  ///< On screen: "Baseline (assumed)".
    std::vector<OfferedSize> sizes;
};

/// One view of the open scene.
struct ViewSummary {
    std::size_t index = 0;
    std::string name;                                         ///< File name of the photo.
    Camera camera;                                            ///< At the model's size.
    Eigen::Matrix4d file_pose = Eigen::Matrix4d::Identity();  ///< c2w as the scene's file has it.
    bool is_input = false;                                    ///< Else it is held out.
    bool test = false;                        ///< A test view according to the files of the scene.
    bool outlying = false;                    ///< The camera does not fit the others: no input by default.
    std::shared_ptr<const ImageF> image;      ///< The photo as the model reads it, at the model's size.
    std::shared_ptr<const Image8> thumbnail;  ///< RGB, at most 128 pixels wide and high.
};
/// Summaries of all views, none marked as input. They share the images of the set.
[[nodiscard]] std::vector<ViewSummary> summarize(const ViewSet& set);
/// The image reduced to at most 128 pixels in width and height.
[[nodiscard]] Image8 make_thumbnail(const ImageF& image);

struct SceneSummary {
    std::uint64_t sequence = 0;  ///< Rises with every scene opened. Cameras of another sequence do not apply.
    std::filesystem::path path;
    std::filesystem::path folder;  ///< Of the scene; may lie below `path`.
    std::string name;
    std::string format;
    std::optional<GenerationSpec> origin;           ///< Of a generated scene: draws its ground truth.
    std::string normalization;                      ///< "none", "mean-pose", "object"
    std::string normalization_reason;               ///< A sentence.
    Size size;                                      ///< Of the model's images.
    SizeTraining training = SizeTraining::unknown;  ///< Of `size`.
    std::vector<ViewSummary> views;                 ///< All of the scene, by index.
    std::vector<std::size_t> inputs;                ///< In the order they are written into the state.
    std::vector<SceneRemark> remarks;

    /// Cameras of the given views, in that order.
    [[nodiscard]] std::vector<Camera> cameras(const std::vector<std::size_t>& indices) const;
    [[nodiscard]] std::vector<Camera> cameras() const;  ///< Of all views.
    [[nodiscard]] std::vector<std::size_t> held_out() const;
    /// The held-out views whose cameras fit the others: those at which the state is measured.
    [[nodiscard]] std::vector<std::size_t> measured() const;
    /// Place of a view in the inputs, from 1; 0 where it is held out.
    [[nodiscard]] std::size_t input_place(std::size_t view) const;
};

/// The state: what the input views left in the fast weights.
struct StateSummary {
    std::uint64_t generation = 0;  ///< Rises with every state, over scenes and weights.
    UpdateRule rule;
    std::string rule_text;       ///< As parse_update_rule() reads it.
    bool rule_switched = false;  ///< Not the rule the weights were trained with.
    double set_up_ms = 0;
    std::size_t input_views = 0;
    std::size_t memory_bytes = 0;  ///< Upper estimate of the memory of the set-up, without the weights.
};

/// A scene that was not opened because it needs too much memory, and a request that fits.
struct MemoryOffer {
    SceneRequest request;
    SceneHeader probe;
    std::filesystem::path weights = {};  ///< That were to be opened with it; empty: those that are open.
};

/// What an experiment is asked to measure.
struct ExperimentRequest {
    std::string id;
    ExperimentSettings settings;
    Camera camera;  ///< Target camera; images have the size of the scene.
    friend bool operator==(const ExperimentRequest&, const ExperimentRequest&) = default;
};

/// The last run of an experiment, which may still go on.
struct ExperimentOutcome {
    ExperimentRequest request;
    std::uint64_t generation = 0;  ///< StateSummary::generation of the state that it works on.
    std::uint64_t scene = 0;       ///< SceneSummary::sequence of its scene.
    std::shared_ptr<const ExperimentReport> report;  ///< Grows piece by piece; null before the first one.
    bool running = false;
    std::string problem;  ///< Why it ended early; empty where it did not.
};
/// By the id of the experiment.
using ExperimentOutcomes = std::map<std::string, std::shared_ptr<const ExperimentOutcome>, std::less<>>;

/// One consistent set of published values; pointers are null before the first value.
struct Snapshot {
    std::uint64_t version = 0;  ///< Rises with every publication.
    std::shared_ptr<const WeightsSummary> weights;
    std::shared_ptr<const SceneSummary> scene;
    std::shared_ptr<const StateSummary> state;
    /// The last rendering. Of an older state where `frame->generation != state->generation`.
    std::shared_ptr<const Frame> frame;
    std::shared_ptr<const Matrix>
        matrix;  ///< The last requested matrix; its generation like that of the frame.
    /// Both sides of the requested comparison from one camera: that of `frame` where a side is what is open,
    /// else one that `frame` follows when the camera rests. Null where none is requested.
    std::shared_ptr<const ComparedPair> pair;
    std::shared_ptr<const CompareTable> table;  ///< Of the same sides; grows view by view.
    std::string compare_problem;                ///< Why there are no sides; empty where there are.
    bool sides_pending = false;  ///< `pair` and `table` are of the sides before: others are being made.
    /// For the scene requested last, where it does not fit into memory.
    std::shared_ptr<const MemoryOffer> offer;
    Answers answers;                 ///< Answers by the names of their queries; some may be of older states.
    ExperimentOutcomes experiments;  ///< Kept when scene, weights or rule change: some are of older states.
    std::string requested_experiment;  ///< Id of the one that waits to begin or begins; empty: none.
};

/// The camera of the image that the view shows: of both sides while they are compared, else of the rendering;
/// null before there is one.
[[nodiscard]] inline const Camera* shown_camera(const Snapshot& snapshot) {
    if (snapshot.pair) {
        return &snapshot.pair->camera;
    }
    return snapshot.frame ? &snapshot.frame->camera : nullptr;
}

}  // namespace lact::app
