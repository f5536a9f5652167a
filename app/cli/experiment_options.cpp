#include "app/cli/experiment_options.h"

#include "app/commands/experiment_controller.h"

#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace lact::app {

void ExperimentOptions::add_to(CLI::App& command) {
    scene.add_to(command, /*required=*/false);
    model.add_to(command);
    command.add_option("--target", target,
                       "View whose camera is that of images and queries (default: the first held-out view)");
    command
        .add_option("--layer", settings.layer,
                    "Layer index, from 0; -1: all, or the last where the experiment takes one")
        ->capture_default_str();
    command
        .add_option("--head", settings.head,
                    "Head index, from 0; -1: all, or the first where the experiment takes one")
        ->capture_default_str();
    command
        .add_option("--steps", settings.largest_steps,
                    "Inner steps go through 1, 2, 4, ... up to this number")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command.add_option("--views", settings.views, "Held-out views that PSNR is the mean of (0: all)")
        ->capture_default_str();
    command.add_option("--projection", projection, "Projection to the plane: pca or tsne")
        ->check(CLI::IsMember({"pca", "tsne"}))
        ->capture_default_str();
    command.add_option("--seed", settings.seed, "Seed of random numbers")->capture_default_str();
    constexpr int most_training_steps = 100'000;
    command
        .add_option("--training-steps", settings.training_steps,
                    "Steps of each run of an experiment that trains")
        ->check(CLI::Range(1, most_training_steps))
        ->capture_default_str();
}

std::string made_by_program() {
    return "LaCT Scope " LACT_VERSION;
}

Result<Camera> experiment_camera(const ExperimentOptions& options, const LoadedScene& scene) {
    const std::size_t count = scene.set->views.size();
    if (options.target && *options.target >= count) {
        return fail("--target",
                    fmt::format("no view {}: the scene has views 0 to {}", *options.target, count - 1));
    }
    const std::size_t standard = scene.targets.empty() ? scene.inputs.front() : scene.targets.front();
    return scene.set->view(options.target.value_or(standard)).camera;
}

Result<ExperimentReport> measure_experiment(const Experiment& experiment, const Opened& opened,
                                            const Camera& camera, const ExperimentOptions& options,
                                            const Job& job) {
    const Place standard{opened.model->config().layers - 1, 0};
    ExperimentSettings settings = settings_of_run(experiment.uses, options.settings, standard);
    settings.projection = options.projection == "pca" ? Projection::pca : Projection::tsne;
    ExperimentInput input{opened.session.snapshot(),
                          opened.scene.set,
                          opened.scene.inputs,
                          opened.scene.targets,
                          camera,
                          {options.model.device, opened.model->precision(), options.model.threads}};
    return run_experiment(experiment.id, std::move(input), settings, job);
}

}  // namespace lact::app
