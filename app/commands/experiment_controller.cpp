#include "app/commands/experiment_controller.h"

#include "app/commands/command_table.h"
#include "app/commands/output_files.h"
#include "app/figures/experiment_files.h"
#include "app/platform/assets.h"
#include "app/runtime/engine_service.h"
#include "engine/core/counted.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <ranges>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr std::array<const char*, 2> projection_names = {"pca", "tsne"};
constexpr long long largest_seed = 1'000'000'000;
constexpr long long most_views = 1000;
constexpr long long most_training_steps = 100'000;

std::vector<std::string> experiment_ids() {
    std::vector<std::string> ids;
    for (const Experiment& one : experiments()) {
        ids.emplace_back(one.id);
    }
    return ids;
}

/// A whole number that a script may have written as 3 or 3.0; others stay, and their parameter refuses them.
ParameterValue whole_where_possible(double value) {
    constexpr double limit = 1e9;
    return std::trunc(value) == value && std::abs(value) <= limit
               ? ParameterValue(static_cast<long long>(value))
               : ParameterValue(value);
}

}  // namespace

ExperimentSettings settings_of_run(const ExperimentUses& uses, ExperimentSettings chosen,
                                   const Place& shown) {
    if (!uses.all_places) {
        chosen.layer = chosen.layer < 0 ? shown.layer : chosen.layer;
        chosen.head = chosen.head < 0 ? shown.head : chosen.head;
    }
    if (uses.rule_weights) {
        const auto folder = find_rule_weights();
        chosen.rule_weights = folder ? folder->string() : std::string();
    }
    return chosen;
}

std::string why_unavailable(const ExperimentUses& uses) {
    return !uses.rule_weights || find_rule_weights() ? ""
                                                     : "weights trained with each rule do not come with this "
                                                       "version; lactscope train --rules trains "
                                                       "them";
}

const std::string* active_experiment(const Snapshot& snapshot) {
    for (const auto& [id, outcome] : snapshot.experiments) {
        if (outcome->running) {
            return &id;
        }
    }
    return snapshot.requested_experiment.empty() ? nullptr : &snapshot.requested_experiment;
}

std::string ExperimentController::why_not_run() const {
    if (!snapshot().state || !snapshot().scene) {
        return "There is no state yet: open a scene and weights.";
    }
    const std::string* active = active_experiment(snapshot());
    return active == nullptr ? "" : fmt::format("\"{}\" runs: cancel it, or wait for it.", *active);
}

Result<void> ExperimentController::run(const RunExperiment& given) {
    const ParameterTable& parameters = services_.dispatch->parameters();
    const auto set = [&](const char* id, const std::optional<ParameterValue>& value) {
        return value ? parameters.set(id, *value) : Result<void>{};
    };
    const auto whole_of = [](const std::optional<double>& value) {
        return value ? std::optional(whole_where_possible(*value)) : std::nullopt;
    };
    const auto value_of = [](const auto& optional) {
        return optional ? std::optional<ParameterValue>(*optional) : std::nullopt;
    };
    LACT_CHECK(set("experiment.id", value_of(given.experiment)));
    LACT_CHECK(set("experiment.layer", whole_of(given.layer)));
    LACT_CHECK(set("experiment.head", whole_of(given.head)));
    LACT_CHECK(set("experiment.steps", value_of(given.steps)));
    LACT_CHECK(set("experiment.views", value_of(given.views)));
    LACT_CHECK(set("experiment.projection", value_of(given.projection)));
    LACT_CHECK(set("experiment.seed", value_of(given.seed)));
    LACT_CHECK(set("experiment.training_steps", value_of(given.training_steps)));
    const Experiment* experiment = find_experiment(choice().id);
    if (std::string why = why_unavailable(experiment->uses); !why.empty()) {
        return fail("experiment", std::move(why), "docs/training.md says how.");
    }
    engine_->start_experiment({choice().id,
                               settings_of_run(experiment->uses, choice().settings, document().place()),
                               document().viewpoint().camera(snapshot().scene->size)});
    choice().image.clear();
    return {};
}

std::string ExperimentController::why_no_export() const {
    const auto has_report = [](const auto& outcome) { return outcome->report != nullptr; };
    return std::ranges::any_of(snapshot().experiments | std::views::values, has_report)
               ? ""
               : "There is no report yet: run an experiment.";
}

Result<void> ExperimentController::export_report(const ExportExperiment& given) const {
    const std::string& id = given.experiment ? *given.experiment : choice().id;
    const auto found = snapshot().experiments.find(id);
    if (found == snapshot().experiments.end() || !found->second->report) {
        return fail("experiment", fmt::format("there is no report of '{}' yet", id), "Run it first.");
    }
    const auto folder =
        destination(document(), given.folder,
                    {"Export the experiment", ExportExperiment::id, id, "", {{"experiment", id}}, "folder"});
    if (!folder) {
        return {};
    }
    LACT_TRY(const auto files, write_experiment(*found->second->report, "LaCT Scope " LACT_VERSION, *folder));
    services_.dispatch->log().wrote(fmt::format("saved {} of the experiment", counted(files.size(), "file")),
                                    *folder);
    return {};
}

Result<void> ExperimentController::add_commands(CommandTable& commands) {
    LACT_CHECK(commands.add<RunExperiment>(
        {"Run the experiment", "",
         "Measure the chosen experiment on the current state, beside everything else.", "Experiments"},
        [this] { return why_not_run(); }, [this](const RunExperiment& given) { return run(given); }));
    LACT_CHECK(commands.add<CancelExperiment>(
        {"Cancel the experiment", "", "Stop the running experiment; its report so far stays.", "Experiments"},
        [this] {
            return active_experiment(snapshot()) == nullptr ? std::string("No experiment runs.")
                                                            : std::string();
        },
        [this] { engine_->cancel_experiment(); }));
    return commands.add<ExportExperiment>(
        {"Export the experiment", "",
         "Write the report of the last run: report.json, tables as CSV, plots as SVG and PNG, images as PNG.",
         "Experiments"},
        [this] { return why_no_export(); },
        [this](const ExportExperiment& given) { return export_report(given); });
}

Result<void> ExperimentController::add_parameters(ParameterTable& parameters) {
    const AddParameter add{parameters};
    LACT_CHECK(add(
        "experiment.id", "Experiment", "Experiments", "The experiment that the panel shows and runs.",
        Effect::shows, always(Choices{experiment_ids()}), choice().id,
        [this] { return ParameterValue(choice().id); },
        [this](const ParameterValue& value) {
            const auto id = value.get<std::string>();
            if (id != choice().id) {
                choice().image.clear();
            }
            choice().id = id;
        }));
    LACT_CHECK(add_place(parameters));
    LACT_CHECK(add_numbers(parameters));
    return add(
        "experiment.image", "Image", "Experiments",
        "The image of the report that is shown large, by its name; empty: none.", Effect::shows,
        always(FreeText{}), "", [this] { return ParameterValue(choice().image); },
        [this](const ParameterValue& value) { choice().image = value.get<std::string>(); });
}

Result<void> ExperimentController::add_place(ParameterTable& parameters) {
    const AddParameter add{parameters};
    const auto add_index = [&](const char* id, const char* title, const char* tooltip,
                               int ExperimentSettings::*member, int (*count)(const ModelConfig&)) {
        const auto domain = [this, count] {
            const auto& weights = snapshot().weights;
            return Domain(WholeNumbers{-1, weights ? count(weights->config) - 1 : 0});
        };
        return add(
            id, title, "Experiments", tooltip, Effect::shows, domain, -1,
            [this, member] { return ParameterValue(choice().settings.*member); },
            [this, member](const ParameterValue& value) { choice().settings.*member = value.get<int>(); });
    };
    LACT_CHECK(
        add_index("experiment.layer", "Layer",
                  "The layer that is measured, from 0. -1: all of them; where an experiment takes one, "
                  "that of the Fast weights panel.",
                  &ExperimentSettings::layer, [](const ModelConfig& config) { return config.layers; }));
    return add_index(
        "experiment.head", "Head",
        "The head that is measured, from 0. -1: all of them; where an experiment takes one, that "
        "of the Fast weights panel.",
        &ExperimentSettings::head, [](const ModelConfig& config) { return config.ttt_heads(); });
}

Result<void> ExperimentController::add_numbers(ParameterTable& parameters) {
    const AddParameter add{parameters};
    LACT_CHECK(add(
        "experiment.steps", "Inner steps", "Experiments",
        "Inner steps go through 1, 2, 4, ... up to this number.", Effect::shows, always(WholeNumbers{1, 64}),
        choice().settings.largest_steps, [this] { return ParameterValue(choice().settings.largest_steps); },
        [this](const ParameterValue& value) { choice().settings.largest_steps = value.get<int>(); }));
    LACT_CHECK(add(
        "experiment.views", "Held-out views", "Experiments",
        "Number of held-out views, evenly spread, that PSNR is the mean of; 0: all.", Effect::shows,
        always(WholeNumbers{0, most_views}), choice().settings.views,
        [this] { return ParameterValue(choice().settings.views); },
        [this](const ParameterValue& value) { choice().settings.views = value.get<std::size_t>(); }));
    LACT_CHECK(add(
        "experiment.projection", "Projection", "Experiments",
        "How vectors become points of the plane: the two principal components, or t-SNE.", Effect::shows,
        always(Choices{{projection_names.begin(), projection_names.end()}}), projection_names.front(),
        [this] {
            return ParameterValue(
                projection_names.at(static_cast<std::size_t>(choice().settings.projection)));
        },
        [this](const ParameterValue& value) {
            choice().settings.projection =
                value.get<std::string>() == projection_names.front() ? Projection::pca : Projection::tsne;
        }));
    LACT_CHECK(add(
        "experiment.training_steps", "Training steps", "Experiments",
        "Steps of each run of an experiment that trains.", Effect::shows,
        always(WholeNumbers{1, most_training_steps}), choice().settings.training_steps,
        [this] { return ParameterValue(choice().settings.training_steps); },
        [this](const ParameterValue& value) { choice().settings.training_steps = value.get<int>(); }));
    return add(
        "experiment.seed", "Seed", "Experiments", "Of the random numbers of an experiment that draws some.",
        Effect::shows, always(WholeNumbers{0, largest_seed}), choice().settings.seed,
        [this] { return ParameterValue(choice().settings.seed); },
        [this](const ParameterValue& value) { choice().settings.seed = value.get<std::uint64_t>(); });
}

}  // namespace lact::app
