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

Result<std::vector<std::size_t>> indices(const nlohmann::json& list, std::size_t count) {
    std::vector<std::size_t> result;
    if (!list.is_array()) {
        return fail("views", "is not a list", "Give indices: [0, 8, 20].");
    }
    for (const auto& entry : list) {
        LACT_TRY(const std::size_t view, view_index(entry, count));
        result.push_back(view);
    }
    return result;
}
std::vector<std::size_t> spread_views(const SceneSummary& scene, std::size_t count) {
    std::vector<InputCandidate> views;
    for (const ViewSummary& view : scene.views) {
        views.push_back({view.camera.position(), view.test});
    }
    return spread_inputs(views, count);
}

/// Of a generated scene that is kept. Families other than the first version of a built-in one get a name that
/// changes with them, so that no scene of older worlds is opened.
std::string folder_name(const GenerationSpec& order) {
    const WorldFamily& family = *order.family;
    const bool plain = family.source == family.name && family.version == 1;
    return fmt::format("{}{}_{:08}", family.name, plain ? "" : "-" + family.fingerprint, order.seed);
}

std::string size_name(Size size) {
    return fmt::format("{}x{}", size.width, size.height);
}

}  // namespace

/// What the open weights were trained on; objects of any kind where they do not say.
const WorldFamily* SceneController::family_of_weights() const {
    if (snapshot().weights && !snapshot().weights->info.families.empty()) {
        if (const auto family = find_family(snapshot().weights->info.families.front())) {
            return *family;
        }
    }
    return &general_family();
}

Result<void> SceneController::generate(const nlohmann::json& with) {
    GenerationSpec order;
    if (!with.contains("seed")) {
        // Any number that was not used a moment ago; far from the seeds of training and of measuring.
        order.seed = 100'000'000 + static_cast<std::uint64_t>(
                                       std::chrono::system_clock::now().time_since_epoch().count() / 1000) %
                                       900'000'000;
    } else if (with.at("seed").is_number_integer() && with.at("seed") >= 0) {
        order.seed = with.at("seed").get<std::uint64_t>();
    } else {
        return fail("scene.generate",
                    "the seed " + with.at("seed").dump() + " is not a whole number from 0 on");
    }
    if (with.contains("family")) {
        if (!with.at("family").is_string()) {
            return fail("scene.generate", "the family " + with.at("family").dump() + " is no text");
        }
        LACT_TRY(order.family, find_family(with.at("family").get_ref<const std::string&>()));
    } else {
        order.family = family_of_weights();
    }
    LACT_TRY(const auto folder, generated_scenes_folder());
    engine_->open_generated(order, folder / folder_name(order));
    return {};
}

Result<void> SceneController::open(const nlohmann::json& with) {
    SceneRequest request;
    if (!with.at("path").is_string()) {
        return fail("scene.open", "the path " + with.at("path").dump() + " is no text");
    }
    request.path = with.at("path").get<std::string>();
    std::optional<Size> size;
    if (with.contains("views")) {
        if (!with.at("views").is_number_integer() || with.at("views") < 1) {
            return fail("scene.open", "the number of input views, " + with.at("views").dump() +
                                          ", is not a whole number from 1 on");
        }
        request.input_count = with.at("views").get<std::size_t>();
    }
    if (with.contains("size")) {
        LACT_TRY(size, parse_size(with.at("size").is_string() ? with.at("size").get<std::string>()
                                                              : with.at("size").dump()));
    }
    engine_->open_scene(request);
    if (size) {
        engine_->set_size(*size);
    }
    return {};
}

Result<void> SceneController::add_opening(CommandTable& commands) {
    LACT_CHECK(commands.add({"scene.open",
                             "Open a scene",
                             "",
                             "Open a scene with so many input views, at such a size.",
                             "File",
                             {{"path", "scene folder or file", true},
                              {"views", "input views, spread; 8 if not given", false},
                              {"size", "of the model's pictures, WxH; the present one if not given", false}},
                             {},
                             [this](const nlohmann::json& with) { return open(with); }}));
    LACT_CHECK(commands.add({"scene.open_bundled",
                             "Open a bundled scene",
                             "",
                             "Open a generated scene that comes with the program.",
                             "File",
                             {{"name", names_of(bundled_scenes()), true}},
                             {},
                             [this](const nlohmann::json& with) -> Result<void> {
                                 LACT_TRY(const auto folder,
                                          find_bundled_scene(with.at("name").get<std::string>()));
                                 engine_->open_scene(folder);
                                 return {};
                             }}));
    LACT_CHECK(commands.add({"weights.open_bundled",
                             "Open bundled weights",
                             "",
                             "Open weights that come with the program; the scene stays.",
                             "File",
                             {{"name", names_of(bundled_weights()), true}},
                             {},
                             [this](const nlohmann::json& with) -> Result<void> {
                                 LACT_TRY(const auto file,
                                          find_bundled_weights(with.at("name").get<std::string>()));
                                 engine_->open_weights(file);
                                 return {};
                             }}));
    LACT_CHECK(
        commands.add({"scene.generate",
                      "Generate another",
                      "Ctrl+G",
                      "Invent an object of the family that the weights were trained on, draw it from 32 "
                      "sides and open it. The ground truth of an object is known at every pose.",
                      "Scene",
                      {{"seed", "whole number; by default another one each time", false},
                       {"family", "vehicles, general or a JSON file; by default that of the weights", false}},
                      {},
                      [this](const nlohmann::json& with) { return generate(with); }}));
    return {};
}

Result<void> SceneController::add_inputs(CommandTable& commands) {
    const auto needs_scene = [this] {
        return snapshot().scene ? std::string() : std::string("No scene is open.");
    };
    LACT_CHECK(commands.add(
        {"inputs.toggle",
         "Tick a photo on or off",
         "",
         "Make a photo an input view, or hold it out.",
         "Scene",
         {{"view", "index of a photo", true}},
         needs_scene,
         [this](const nlohmann::json& with) -> Result<void> {
             LACT_TRY(const auto view,
                      indices(nlohmann::json::array({with.at("view")}), snapshot().scene->views.size()));
             auto inputs = snapshot().scene->inputs;
             if (const auto at = std::find(inputs.begin(), inputs.end(), view[0]); at != inputs.end()) {
                 if (inputs.size() == 1) {
                     return fail("inputs.toggle", "the last input view cannot be taken away",
                                 "Tick another photo first.");
                 }
                 inputs.erase(at);
             } else {
                 inputs.push_back(view[0]);
             }
             engine_->set_inputs(std::move(inputs));
             return {};
         }}));
    LACT_CHECK(commands.add({"inputs.set",
                             "Choose the input views",
                             "",
                             "Make exactly these photos the input views.",
                             "Scene",
                             {{"views", "list of indices", true}},
                             needs_scene,
                             [this](const nlohmann::json& with) -> Result<void> {
                                 LACT_TRY(auto views,
                                          indices(with.at("views"), snapshot().scene->views.size()));
                                 engine_->set_inputs(std::move(views));
                                 return {};
                             }}));
    const auto add = [&](const char* id, const char* title, const char* key, const char* tooltip,
                         std::function<std::vector<std::size_t>(const SceneSummary&)> choose) {
        return commands.add({id,
                             title,
                             key,
                             tooltip,
                             "Scene",
                             {},
                             needs_scene,
                             [this, choose = std::move(choose)](const nlohmann::json&) -> Result<void> {
                                 engine_->set_inputs(choose(*snapshot().scene));
                                 return {};
                             }});
    };
    LACT_CHECK(add("inputs.reset", "Eight spread views", "8",
                   "Eight input views as far from each other as they go (farthest-point sampling).",
                   [](const SceneSummary& scene) { return spread_views(scene, default_inputs); }));
    LACT_CHECK(add("inputs.all", "All photos", "0", "Make every photo an input view: none is held out then.",
                   [](const SceneSummary& scene) {
                       std::vector<std::size_t> all(scene.views.size());
                       std::iota(all.begin(), all.end(), std::size_t{0});
                       return all;
                   }));
    LACT_CHECK(add("inputs.first", "One photo", "1",
                   "Only the first photo: what the model makes of a single view.",
                   [](const SceneSummary& scene) { return spread_views(scene, 1); }));
    return {};
}

Result<void> SceneController::add_jobs(CommandTable& commands) {
    LACT_CHECK(commands.add({"jobs.cancel",
                             "Stop a job",
                             "",
                             "Stop one running job; what was there before stays.",
                             "Scene",
                             {{"job", "number of the job", true}},
                             {},
                             [this](const nlohmann::json& with) -> Result<void> {
                                 if (with.at("job").is_number_integer()) {
                                     jobs_->cancel(with.at("job").get<std::uint64_t>());
                                 }
                                 return {};
                             }}));
    return commands.add(
        {"jobs.cancel_all",
         "Stop what runs",
         "Esc",
         "Stop all running jobs; what was there before stays.",
         "Scene",
         {},
         [this] { return jobs_->any_running() ? std::string() : std::string("Nothing is running."); },
         [this](const nlohmann::json&) -> Result<void> {
             engine_->cancel();
             jobs_->cancel_all();
             return {};
         }});
}

Result<void> SceneController::add_commands(CommandTable& commands) {
    LACT_CHECK(add_opening(commands));
    LACT_CHECK(add_inputs(commands));
    return add_jobs(commands);
}

Result<void> SceneController::add_parameters(ParameterTable& parameters) {
    using Json = nlohmann::json;
    const AddParameter add{parameters};
    const auto sizes = [this]() -> Domain {
        Choices choices;
        if (snapshot().weights) {
            for (const OfferedSize& offered : snapshot().weights->sizes) {
                choices.names.push_back(size_name(offered.size));
            }
        }
        choices.names.emplace_back("auto");
        return choices;
    };
    return add(
        "model.size", "Size of the model's pictures", "Scene",
        "Weights do not carry over to sizes they were not trained on; 'auto' is the largest trained one.",
        sizes, "auto",
        [this] { return Json(snapshot().scene ? size_name(snapshot().scene->size) : std::string("auto")); },
        [this](const Json& value) {
            if (!snapshot().weights) {
                return;
            }
            for (const OfferedSize& offered : snapshot().weights->sizes) {
                if (value == size_name(offered.size) ||
                    (value == "auto" && offered.training == SizeTraining::trained)) {
                    engine_->set_size(offered.size);
                }
            }
        });
}

}  // namespace lact::app
