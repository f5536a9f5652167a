#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/session/load_scene.h"
#include "engine/session/session.h"

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace lact::app {

/// Options that choose the weights and how they compute; the same in every command.
struct ModelOptions {
    std::string weights;  ///< Empty: the bundled weights.
    std::string device = "auto";
    std::string precision = "fp32";
    std::string ns_precision;  ///< Empty: as the weights were trained.
    std::string rule;          ///< Empty: the rule the weights were trained with.
    int threads = 0;

    void add_to(CLI::App& command);
};

/// The weights that are asked for, or the bundled ones.
[[nodiscard]] Result<std::shared_ptr<const Model>> open_model(const ModelOptions& options);
/// The rule that is asked for, or the one the weights were trained with.
[[nodiscard]] Result<UpdateRule> chosen_rule(const ModelOptions& options, const Model& model);

/// Adds --family: the name or file of a family of generated worlds, checked while options are read.
CLI::Option* add_family_option(CLI::App& command, std::string& family, const std::string& about);

/// Options that choose a scene and its views; the same in every command.
struct SceneOptions {
    std::string scene;  ///< Empty where it need not be given: the first of bundled_scenes().
    std::size_t inputs = 8;
    std::vector<std::size_t> input_indices;
    std::vector<std::size_t> targets;
    std::string size;
    std::string normalize = "auto";

    void add_to(CLI::App& command, bool required = true);
    void add_targets_to(CLI::App& command);
    [[nodiscard]] Result<SceneRequest> request() const;
};

/// A model, a scene, and the session whose fast weights have learned the scene's input views.
struct Opened {
    std::shared_ptr<const Model> model;
    LoadedScene scene;
    Session session;
    double setup_milliseconds = 0;
};

/// Loads weights and scene and runs set-up; the job is told warnings and, in one line, what is used.
[[nodiscard]] Result<Opened> open(const ModelOptions& model, const SceneOptions& scene, const Job& job,
                                  bool with_targets = true);

/// What made a picture or a figure: program version, weights and their trained rule, rule (trained or
/// switched at inference), precision, device, scene, inputs, size.
[[nodiscard]] nlohmann::json provenance(const Opened& opened);

/// "baseline", or "mse (switched at inference; trained with baseline)".
[[nodiscard]] std::string describe_rule(const Session& session);

}  // namespace lact::app
