#include "app/commands/scene_controller.h"

#include "app/commands/command_table.h"
#include "app/commands/output_files.h"
#include "app/commands/parameter_table.h"
#include "app/platform/assets.h"
#include "app/platform/settings.h"
#include "app/runtime/engine_service.h"
#include "app/runtime/jobs.h"
#include "engine/scene/select_views.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr std::size_t default_inputs = 8;

std::vector<std::size_t> spread_views(const SceneSummary& scene, std::size_t count) {
    std::vector<InputCandidate> views;
    for (const ViewSummary& view : scene.views) {
        views.push_back({view.camera.position(), view.test, view.outlying});
    }
    return spread_inputs(views, count);
}

/// Folder name of a generated scene. Except for version 1 of a built-in family it contains the fingerprint of
/// the family, so that no scene of an older family is opened.
std::string folder_name(const GenerationSpec& order) {
    const WorldFamily& family = *order.family;
    const bool plain = family.source == family.name && family.version == 1;
    return fmt::format("{}{}_{:08}", family.name, plain ? "" : "-" + family.fingerprint, order.seed);
}

std::string size_name(Size size) {
    return fmt::format("{}x{}", size.width, size.height);
}

}  // namespace

/// The family that the open weights were trained on; general objects where the file does not name one.
const WorldFamily* SceneController::family_of_weights() const {
    if (snapshot().weights && !snapshot().weights->info.families.empty()) {
        if (const auto family = find_family(snapshot().weights->info.families.front())) {
            return *family;
        }
    }
    return &general_family();
}

Result<SceneController::Generation> SceneController::prepare(const GenerateScene& generate,
                                                             SceneRequest request) const {
    GenerationSpec order;
    // By default a number that was not used a moment ago, far from the seeds of training and of measuring.
    order.seed = generate.seed.value_or(
        100'000'000 +
        static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count() / 1000) %
            900'000'000);
    order.family = family_of_weights();
    if (generate.family) {
        LACT_TRY(order.family, find_family(*generate.family));
    }
    LACT_TRY(const auto folder, generated_scenes_folder());
    request.path = folder / folder_name(order);
    return Generation{order, std::move(request)};
}

void SceneController::open(const Generation& generation) {
    engine_->open_generated(generation.spec, generation.request);
}

Result<void> SceneController::generate(const GenerateScene& generate, SceneRequest request) {
    LACT_TRY(const Generation generation, prepare(generate, std::move(request)));
    open(generation);
    return {};
}

Result<void> SceneController::open(const OpenScene& open) {
    SceneRequest request;
    request.path = open.path;
    if (open.views) {
        if (*open.views < 1) {
            return fail(OpenScene::id, "the number of input views is 0", "Give a whole number from 1 on.");
        }
        request.input_count = *open.views;
    }
    if (open.inputs) {
        if (open.inputs->empty()) {
            return fail(OpenScene::id, "the list of input views is empty", "Name at least one photo.");
        }
        request.inputs = *open.inputs;
    }
    if (open.size) {
        LACT_TRY(request.size, parse_size(*open.size));
    }
    engine_->open_scene(request);
    return {};
}

Result<void> SceneController::add_opening(CommandTable& commands) {
    LACT_CHECK(commands.add<OpenScene>(
        {"Open a scene", "", "Open a scene with a number of input views, at a size.", "File"}, {},
        [this](const OpenScene& request) { return open(request); }));
    LACT_CHECK(commands.add<OpenBundledScene>(
        {"Open a bundled scene", "", "Open a generated scene that is bundled with the program.", "File"}, {},
        [this](const OpenBundledScene& scene) -> Result<void> {
            LACT_TRY(const auto folder, find_bundled_scene(scene.name));
            engine_->open_scene(folder);
            return {};
        }));
    LACT_CHECK(commands.add<OpenBundledWeights>(
        {"Open bundled weights", "", "Open weights that are bundled with the program; the scene stays.",
         "File"},
        {}, [this](const OpenBundledWeights& weights) -> Result<void> {
            LACT_TRY(const auto file, find_bundled_weights(weights.name));
            engine_->open_weights(file);
            return {};
        }));
    return commands.add<GenerateScene>({"Generate another", "Ctrl+G",
                                        "Generate an object of the family that the weights were trained on, "
                                        "render it from 32 cameras and open it. Its ground truth is known at "
                                        "every camera.",
                                        "Scene"},
                                       {},
                                       [this](const GenerateScene& request) { return generate(request); });
}

Result<void> SceneController::toggle_input(const ToggleInput& toggle) {
    const SceneSummary& scene = *snapshot().scene;
    LACT_TRY(const std::size_t view, view_index(toggle.view, scene.views.size()));
    auto inputs = requested_inputs(document(), scene);
    if (const auto at = std::ranges::find(inputs, view); at == inputs.end()) {
        inputs.push_back(view);
    } else if (inputs.size() == 1) {
        return fail(ToggleInput::id, "the last input view cannot be removed", "Add another photo first.");
    } else {
        inputs.erase(at);
    }
    set_inputs(std::move(inputs));
    return {};
}

/// Of the scene that is shown; one that is being opened has its own.
void SceneController::set_inputs(std::vector<std::size_t> inputs) {
    const std::uint64_t scene = snapshot().scene->sequence;
    document().requested_inputs = {scene, inputs};
    engine_->set_inputs(std::move(inputs), scene);
}

Result<void> SceneController::add_inputs(CommandTable& commands) {
    const auto needs_scene = [this] {
        return snapshot().scene ? std::string() : std::string("No scene is open.");
    };
    LACT_CHECK(commands.add<ToggleInput>(
        {"Add or remove an input view", "", "Make a photo an input view, or hold it out.", "Scene"},
        needs_scene, [this](const ToggleInput& toggle) { return toggle_input(toggle); }));
    LACT_CHECK(commands.add<SetInputs>(
        {"Choose the input views", "", "Make these photos, and no others, the input views.", "Scene"},
        needs_scene, [this](const SetInputs& set) -> Result<void> {
            for (const std::size_t view : set.views) {
                if (const auto known = view_index(view, snapshot().scene->views.size()); !known) {
                    return tl::unexpected<Error>(known.error());
                }
            }
            set_inputs(set.views);
            return {};
        }));
    LACT_CHECK(commands.add<SpreadInputs>(
        {"Eight spread views", "8", "Choose eight input views by farthest-point sampling of the cameras.",
         "Scene"},
        needs_scene, [this] { set_inputs(spread_views(*snapshot().scene, default_inputs)); }));
    LACT_CHECK(commands.add<UseAllPhotos>(
        {"All photos", "0", "Make every photo an input view; none is held out.", "Scene"}, needs_scene,
        [this] {
            std::vector<std::size_t> all(snapshot().scene->views.size());
            std::iota(all.begin(), all.end(), std::size_t{0});
            set_inputs(std::move(all));
        }));
    return commands.add<UseOnePhoto>(
        {"One photo", "1", "Use a single input view, the first of the spread ones.", "Scene"}, needs_scene,
        [this] { set_inputs(spread_views(*snapshot().scene, 1)); });
}

Result<void> SceneController::add_remarks(CommandTable& commands) {
    return commands.add<DismissRemarks>(
        {"Dismiss the remarks", "",
         "Hide the remarks on the open scene until it is opened again. The Status panel keeps them.",
         "Scene"},
        [this]() -> std::string {
            const auto& scene = snapshot().scene;
            return scene && !document().remarks.shown(*scene).empty() ? "" : "There are no remarks.";
        },
        [this] { document().remarks.dismiss(*snapshot().scene); });
}

Result<void> SceneController::add_jobs(CommandTable& commands) {
    LACT_CHECK(commands.add<CancelJob>(
        {"Stop a job", "", "Stop one running job; the previous state stays.", "Scene"}, {},
        [this](const CancelJob& cancel) { jobs_->cancel(cancel.job); }));
    return commands.add<CancelAllJobs>(
        {"Stop all jobs", "Esc", "Stop all running jobs; the previous state stays.", "Scene"},
        [this]() -> std::string {
            return jobs_->any_stoppable() ? ""
                   : jobs_->any_running() ? "Only a video is being recorded; the Record panel stops it."
                                          : "Nothing is running.";
        },
        [this] {
            engine_->cancel();
            jobs_->cancel_all();
        });
}

Result<void> SceneController::add_commands(CommandTable& commands) {
    LACT_CHECK(add_opening(commands));
    LACT_CHECK(add_inputs(commands));
    LACT_CHECK(add_remarks(commands));
    return add_jobs(commands);
}

/// The sizes that the weights offer, and the one that is there: a scene may be opened at any.
Domain SceneController::sizes() const {
    Choices choices;
    if (snapshot().weights) {
        for (const OfferedSize& offered : snapshot().weights->sizes) {
            choices.names.push_back(size_name(offered.size));
        }
    }
    for (const auto& there : {document().requested_size,
                              snapshot().scene ? std::optional(snapshot().scene->size) : std::nullopt}) {
        if (there && std::ranges::find(choices.names, size_name(*there)) == choices.names.end()) {
            choices.names.push_back(size_name(*there));
        }
    }
    choices.names.emplace_back("auto");
    return choices;
}

/// A size of the domain.
void SceneController::set_size(const std::string& chosen) {
    if (!snapshot().weights) {
        return;
    }
    std::optional<Size> size;
    if (chosen == "auto") {
        for (const OfferedSize& offered : snapshot().weights->sizes) {
            if (offered.training == SizeTraining::trained) {
                size = offered.size;  // The last of these is the largest.
            }
        }
    } else if (const auto parsed = parse_size(chosen); parsed) {
        size = *parsed;
    }
    if (size) {
        document().requested_size = size;
        engine_->set_size(*size);
    }
}

Result<void> SceneController::add_parameters(ParameterTable& parameters) {
    const AddParameter add{parameters};
    LACT_CHECK(add(
        "scene.psnr", "PSNR on photos", "Scene",
        "Measure the rendering at the held-out photos and show the PSNR on their thumbnails.", Effect::shows,
        always(Switch{}), true, [this] { return ParameterValue(document().show_psnr); },
        [this](const ParameterValue& value) { document().show_psnr = value.get<bool>(); }));
    return add(
        "model.size", "Image size of the model", "Scene",
        "Weights do not generalize to sizes they were not trained on; 'auto' is the largest trained size.",
        Effect::shows, [this] { return sizes(); }, "auto",
        [this] {
            const auto& requested = document().requested_size;
            return ParameterValue(requested          ? size_name(*requested)
                                  : snapshot().scene ? size_name(snapshot().scene->size)
                                                     : std::string("auto"));
        },
        [this](const ParameterValue& value) { set_size(value.get<std::string>()); });
}

}  // namespace lact::app
