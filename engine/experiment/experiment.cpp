#include "engine/experiment/experiment.h"

#include "engine/experiment/experiment_list.h"
#include "engine/metrics/metrics.h"
#include "engine/scene/camera.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

constexpr int most_training_steps = 100'000;

Result<void> check_settings(const ExperimentInput& input, const ExperimentSettings& settings,
                            const ExperimentUses& uses) {
    const ModelConfig& config = input.session.model().config();
    const auto outside = [&](int value, int count) {
        return value >= count || value < (uses.all_places ? -1 : 0);
    };
    if (uses.place &&
        (outside(settings.layer, config.layers) || outside(settings.head, config.ttt_heads()))) {
        return fail("experiment",
                    fmt::format("layer {}, head {} is not there: layers 0 to {}, heads 0 to {}{}",
                                settings.layer, settings.head, config.layers - 1, config.ttt_heads() - 1,
                                uses.all_places ? ", or all" : ""));
    }
    if (uses.steps && (settings.largest_steps < 1 || settings.largest_steps > 64)) {
        return fail("experiment",
                    fmt::format("{} inner steps are outside of 1 to 64", settings.largest_steps));
    }
    if (uses.training && (settings.training_steps < 1 || settings.training_steps > most_training_steps)) {
        return fail("experiment", fmt::format("{} training steps are outside of 1 to {}",
                                              settings.training_steps, most_training_steps));
    }
    if (uses.scene && !input.session.ready()) {
        return fail("experiment", "there is no state yet: the input views were not set up");
    }
    return {};
}

/// The rule of a session and its origin.
std::string rule_on_screen(const Session& session) {
    const std::string rule = rule_label(session.rule());
    return session.rule_switched() ? fmt::format("{} (switched at inference; trained with {})", rule,
                                                 rule_label(session.model().trained_rule()))
                                   : fmt::format("{} ({})", rule, session.model().info().as_trained());
}

}  // namespace

std::span<const Experiment> experiments() {
    static const std::array all{mirror_experiment(),        linear_rendering_experiment(),
                                memory_test_experiment(),   distributions_experiment(),
                                ablation_experiment(),      comparators_experiment(),
                                irreducible_experiment(),   check_experiment(),
                                trained_rules_experiment(), recall_experiment(),
                                classes_experiment()};
    return all;
}

const Experiment* find_experiment(std::string_view id) {
    const auto all = experiments();
    const auto found = std::ranges::find(all, id, &Experiment::id);
    return found == all.end() ? nullptr : &*found;
}

Result<std::unique_ptr<ExperimentRun>> start_experiment(std::string_view id, ExperimentInput input,
                                                        const ExperimentSettings& settings) {
    const Experiment* experiment = find_experiment(id);
    if (experiment == nullptr) {
        std::vector<std::string_view> known;
        for (const Experiment& one : experiments()) {
            known.push_back(one.id);
        }
        return fail("experiment", fmt::format("'{}' is not known", id),
                    fmt::format("Experiments are {}.", fmt::join(known, ", ")));
    }
    LACT_CHECK(check_settings(input, settings, experiment->uses));
    std::string rule = experiment->uses.scene ? rule_on_screen(input.session) : std::string();
    auto described = describe_settings(input, settings, experiment->uses);
    LACT_TRY(auto run, experiment->start(std::move(input), settings));
    run->describe(*experiment, std::move(rule), std::move(described));
    return run;
}

Result<ExperimentReport> run_experiment(std::string_view id, ExperimentInput input,
                                        const ExperimentSettings& settings, const Job& job) {
    LACT_TRY(const auto run, start_experiment(id, std::move(input), settings));
    bool more = true;
    while (more) {
        if (job.stopped()) {
            return cancelled();
        }
        job.progress(run->report().title, run->report().fraction);
        LACT_TRY(more, run->advance(Job{{}, job.note, job.stop}));
    }
    return run->report();
}

void ExperimentRun::describe(const Experiment& experiment, std::string rule,
                             std::vector<std::pair<std::string, std::string>> settings) {
    report_.id = experiment.id;
    report_.title = experiment.title;
    report_.claim = experiment.claim;
    report_.rule = std::move(rule);
    report_.settings = std::move(settings);
}

namespace {

/// The view that the target camera is that of; another camera by where it stands and looks.
std::string target_text(const ExperimentInput& input) {
    const std::vector<PreparedView>& views = input.scene->views;
    const auto found = std::ranges::find_if(
        views, [&](const PreparedView& view) { return coincide(view.camera, input.camera); });
    if (found != views.end()) {
        return fmt::format("view {}", found->index);
    }
    const Eigen::Vector3d at = input.camera.position();
    const Eigen::Vector3d towards = input.camera.forward();
    return fmt::format("at {:.4f}, {:.4f}, {:.4f}, looking along {:.4f}, {:.4f}, {:.4f}, {:.2f} degrees wide",
                       at.x(), at.y(), at.z(), towards.x(), towards.y(), towards.z(),
                       field_of_view(input.camera).x());
}

/// "2: 3, 9": how many, and their indices in the scene.
std::string held_out_text(const std::vector<PreparedView>& views) {
    std::vector<std::size_t> indices;
    for (const PreparedView& view : views) {
        indices.push_back(view.index);
    }
    return indices.empty() ? "0" : fmt::format("{}: {}", indices.size(), fmt::join(indices, ", "));
}

/// What an experiment on the open scene and weights is made with.
std::vector<std::pair<std::string, std::string>> describe_input(const ExperimentInput& input) {
    const Session& session = input.session;
    const Model& model = session.model();
    std::string rule = format(session.rule());
    if (session.rule_switched()) {
        rule += fmt::format(" (switched at inference; trained with {})", format(model.trained_rule()));
    } else {
        rule += fmt::format(" ({})", model.info().as_trained());
    }
    return {{"scene", input.scene->files.name},
            {"size", fmt::format("{}x{}", input.scene->size.width, input.scene->size.height)},
            {"patch grid", fmt::format("{}x{}", input.scene->size.width / model.config().patch,
                                       input.scene->size.height / model.config().patch)},
            {"input views", fmt::format("{}", fmt::join(input.inputs, ", "))},
            {"target camera", target_text(input)},
            {"weights", model.info().name.empty() ? model.path().filename().string() : model.info().name},
            {"rule", rule},
            {"Newton-Schulz", std::string(newton_schulz_precision(session.rule(), model.precision()))},
            {"precision", std::string(to_string(model.precision()))},
            {"device", model.device_name()}};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> describe_settings(const ExperimentInput& input,
                                                                   const ExperimentSettings& settings,
                                                                   const ExperimentUses& uses) {
    const auto all_or = [](int value) { return value < 0 ? std::string("all") : std::to_string(value); };
    auto lines = uses.scene ? describe_input(input) : std::vector<std::pair<std::string, std::string>>{};
    if (uses.place) {
        lines.emplace_back("layer", all_or(settings.layer));
        lines.emplace_back("head", all_or(settings.head));
    }
    if (uses.steps) {
        lines.emplace_back("inner steps up to", std::to_string(settings.largest_steps));
    }
    if (uses.views) {
        lines.emplace_back("held-out views", held_out_text(chosen_held_out(input, settings)));
    }
    if (uses.projection) {
        lines.emplace_back("projection", settings.projection == Projection::pca ? "PCA" : "t-SNE");
    }
    if (uses.seed) {
        lines.emplace_back("seed", std::to_string(settings.seed));
    }
    if (uses.training) {
        lines.emplace_back("training steps", std::to_string(settings.training_steps));
    }
    return lines;
}

std::vector<PreparedView> chosen_held_out(const ExperimentInput& input, const ExperimentSettings& settings) {
    const std::size_t all = input.held_out.size();
    const std::size_t count = settings.views == 0 ? all : std::min(settings.views, all);
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < count; ++i) {
        chosen.push_back(input.held_out[i * all / count]);
    }
    return input.scene->chosen(chosen);
}

Result<double> mean_psnr(Session& session, std::span<const PreparedView> views, const Job& job) {
    if (views.empty()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    double sum = 0;
    for (const PreparedView& view : views) {
        LACT_TRY(const Frame frame, session.render(view.camera, job));
        sum += psnr(frame.image, *view.image);
    }
    return sum / static_cast<double>(views.size());
}

Result<std::shared_ptr<const Model>> weights_in(const ExperimentInput& input, Precision precision) {
    const Model& open = input.session.model();
    if (open.precision() == precision) {
        return input.session.shared_model();
    }
    ComputeOptions compute = input.compute;
    compute.precision = precision;
    LACT_TRY(auto loaded, Model::load(open.path(), compute));
    LACT_CHECK(check_same_weights(*loaded, open, "weights in another precision",
                                  "Open it again, and run the experiment on its new weights."));
    return loaded;
}

std::string switched_decides_nothing(std::string_view figure) {
    return fmt::format(
        " Not decided: {} of the paper is of weights that run the rule of their training, and this rule was "
        "only switched at inference.",
        figure);
}

std::string other_kind_decides_nothing(std::string_view figure, std::string_view of) {
    return fmt::format(" Not decided: {} of the paper is of weights that were trained {}.", figure, of);
}

std::string assumed_rule_text(const Session& session) {
    return session.model().info().rule_assumed && !session.rule_switched()
               ? " The file of the weights does not name the rule of their training: it is assumed to be the "
                 "baseline."
               : "";
}

std::vector<int> step_counts(int largest) {
    std::vector<int> counts;
    for (int steps = 1; steps < largest; steps *= 2) {
        counts.push_back(steps);
    }
    counts.push_back(largest);
    return counts;
}

ImageDifference image_difference(const ImageF& a, const ImageF& b) {
    ImageDifference difference;
    for (std::size_t i = 0; i < a.rgb.size(); ++i) {
        const double one = std::abs(static_cast<double>(a.rgb[i]) - b.rgb[i]);
        difference.mean += one;
        difference.largest = larger_or_nan(difference.largest, one);
    }
    difference.mean /= static_cast<double>(a.rgb.size());
    return difference;
}

}  // namespace lact
