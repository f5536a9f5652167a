#pragma once

#include "app/cli/options.h"
#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/experiment/experiment.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// What experiments run on and with, shared by `experiment` and `report`.
struct ExperimentOptions {
    ModelOptions model;
    SceneOptions scene;
    std::optional<std::size_t> target;  ///< View whose camera is that of images and queries.
    ExperimentSettings settings;
    std::string projection = "pca";

    void add_to(CLI::App& command);
};

/// The program, for the files of reports.
[[nodiscard]] std::string made_by_program();

/// The camera of --target, else of the first held-out view, else of the first input. Errors: no such view.
[[nodiscard]] Result<Camera> experiment_camera(const ExperimentOptions& options, const LoadedScene& scene);

/// Runs one experiment on what is open. Errors: those of run_experiment().
[[nodiscard]] Result<ExperimentReport> measure_experiment(const Experiment& experiment, const Opened& opened,
                                                          const Camera& camera,
                                                          const ExperimentOptions& options, const Job& job);

}  // namespace lact::app
