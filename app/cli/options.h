#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/session/load_scene.h"
#include "engine/session/session.h"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace lact::app {

/// The default of --precision: that of the device (default_precision()).
inline constexpr const char* automatic_precision = "auto";
/// A precision of --precision; none for automatic_precision. Errors: an unknown one.
[[nodiscard]] Result<std::optional<Precision>> parse_requested_precision(std::string_view text);

/// The options of the weights and of their computation, shared by the commands.
struct ModelOptions {
    std::string weights;  ///< Path; empty: the bundled weights.
    std::string device = "auto";
    std::string precision = automatic_precision;
    std::string ns_precision;  ///< Of Newton-Schulz; empty: as in training.
    std::string rule;          ///< Empty: the rule of the training.
    int threads = 0;           ///< Of the CPU; 0: one per core.
    std::string form = "ttt";  ///< What computes the TTT layers: "ttt" or "linear".

    void add_to(CLI::App& command);
    /// Device, precision and threads. Errors: an unknown precision.
    [[nodiscard]] Result<ComputeOptions> compute() const;
    /// --form, for the commands that render.
    void add_form_to(CLI::App& command);
};

/// Loads the requested weights, or the bundled ones. Errors: those of Model::load().
[[nodiscard]] Result<std::shared_ptr<const Model>> open_model(const ModelOptions& options);
/// The requested update rule, or the one of the training. Errors: an unknown rule or precision.
[[nodiscard]] Result<UpdateRule> chosen_rule(const ModelOptions& options, const Model& model);

// Options that several commands have.
void add_device_option(CLI::App& command, std::string& device);
void add_precision_option(CLI::App& command, std::string& precision);
void add_threads_option(CLI::App& command, int& threads);
void add_json_flag(CLI::App& command, bool& json);
/// --family: the name or the file of a family of generated worlds. Its help text is `about`, the families and
/// `note`. An unknown family is wrong usage.
CLI::Option* add_family_option(CLI::App& command, std::string& family, const std::string& about,
                               const std::string& note = {});

/// The options of a scene and its views, shared by the commands.
struct SceneOptions {
    std::string scene;  ///< Path; empty, where it is optional: the first of bundled_scenes().
    std::size_t inputs = 8;
    std::vector<std::size_t> input_indices;
    std::vector<std::size_t> targets;
    std::string size;
    std::string normalize = "auto";

    void add_to(CLI::App& command, bool required = true);
    /// Indices of views count those whose photos can be used, as load_scene() has them.
    void add_targets_to(CLI::App& command);
    [[nodiscard]] Result<SceneRequest> request() const;
};

/// A model, a scene, and a session whose fast weights are updated with the input views of the scene.
struct Opened {
    std::shared_ptr<const Model> model;
    LoadedScene scene;
    Session session;
    double setup_milliseconds = 0;
};

/// Says what the scene needs and loads it. Errors: it does not fit into memory; those of load_scene().
[[nodiscard]] Result<LoadedScene> load_scene_that_fits(const SceneRequest& request, const Model& model,
                                                       const Job& job);

/// Loads weights and scene and sets the session up. Reports warnings and one line about what is used to
/// `job`. Errors: those of loading and of Session::set_up().
[[nodiscard]] Result<Opened> open(const ModelOptions& model, const SceneOptions& scene, const Job& job,
                                  bool with_targets = true);

/// Provenance of an image or a result: program version, weights and their trained rule, rule (trained or
/// switched at inference), precision, device, scene, inputs, size.
[[nodiscard]] nlohmann::json provenance(const Opened& opened);

/// "baseline (Newton-Schulz in bf16), as trained", or "mse ..., switched at inference; trained with
/// baseline".
[[nodiscard]] std::string describe_rule(const Model& model, UpdateRule rule, LayerForm form = LayerForm::ttt);
[[nodiscard]] std::string describe_rule(const Session& session);

}  // namespace lact::app
