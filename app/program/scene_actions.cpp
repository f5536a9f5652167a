// Input views, the update rule, running jobs.
#include "app/program/view_index.h"
#include "app/program/window_program.h"
#include "engine/scene/select_views.h"

#include <algorithm>
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
    std::vector<Eigen::Vector3d> positions;
    for (const ViewSummary& view : scene.views) {
        positions.push_back(view.camera.position());
    }
    return farthest_point_views(positions, count);
}

}  // namespace

Result<void> WindowProgram::add_scene_actions() {
    const auto needs_scene = [this] { return no_scene(); };
    LACT_CHECK(actions_.add(
        {"inputs.toggle",
         "Tick a photo on or off",
         "",
         "Make a photo an input view, or hold it out.",
         "Scene",
         {{"view", "index of a photo", true}},
         needs_scene,
         [this](const nlohmann::json& with) -> Result<void> {
             LACT_TRY(const auto view,
                      indices(nlohmann::json::array({with.at("view")}), published_.scene->views.size()));
             auto inputs = published_.scene->inputs;
             if (const auto at = std::find(inputs.begin(), inputs.end(), view[0]); at != inputs.end()) {
                 if (inputs.size() == 1) {
                     return fail("inputs.toggle", "the last input view cannot be taken away",
                                 "Tick another photo first.");
                 }
                 inputs.erase(at);
             } else {
                 inputs.push_back(view[0]);
             }
             engine_.set_inputs(std::move(inputs));
             return {};
         }}));
    LACT_CHECK(actions_.add({"inputs.set",
                             "Choose the input views",
                             "",
                             "Make exactly these photos the input views.",
                             "Scene",
                             {{"views", "list of indices", true}},
                             needs_scene,
                             [this](const nlohmann::json& with) -> Result<void> {
                                 LACT_TRY(auto views,
                                          indices(with.at("views"), published_.scene->views.size()));
                                 engine_.set_inputs(std::move(views));
                                 return {};
                             }}));
    const auto add = [&](const char* id, const char* title, const char* key, const char* tooltip,
                         std::function<std::vector<std::size_t>(const SceneSummary&)> choose) {
        return actions_.add({id,
                             title,
                             key,
                             tooltip,
                             "Scene",
                             {},
                             needs_scene,
                             [this, choose = std::move(choose)](const nlohmann::json&) -> Result<void> {
                                 engine_.set_inputs(choose(*published_.scene));
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
    for (const RulePreset& preset : rule_presets()) {
        const std::string name(preset.name);
        const std::string title = preset.name == "variant5"
                                      ? std::string(preset.paper) + " (here the same as Variant 4)"
                                      : std::string(preset.paper);
        LACT_CHECK(actions_.add({"rule." + name,
                                 title,
                                 "",
                                 "Rebuild the state with this update rule. Unless the weights were trained "
                                 "with it, it is only switched at inference.",
                                 "Rule",
                                 {},
                                 [this, rule = preset.rule]() -> std::string {
                                     if (!published_.weights) {
                                         return "No weights are open.";
                                     }
                                     const ModelConfig& config = published_.weights->config;
                                     return cannot_run_because(rule, config.ttt_head, config.fast_hidden(),
                                                               config.query_is_key);
                                 },
                                 [this, rule = preset.rule](const nlohmann::json&) -> Result<void> {
                                     UpdateRule wanted = rule;
                                     wanted.ns_precision = published_.weights->trained_rule.ns_precision;
                                     return set_rule(wanted);
                                 }}));
    }
    LACT_CHECK(actions_.add({"rule.set",
                             "Set the rule as text",
                             "",
                             "Any update rule, for example mse,steps=4,norm=off.",
                             "Rule",
                             {{"rule", "preset and switches", true}},
                             {},
                             [this](const nlohmann::json& with) -> Result<void> {
                                 LACT_TRY(const UpdateRule rule,
                                          parse_update_rule(with.at("rule").is_string()
                                                                ? with.at("rule").get<std::string>()
                                                                : with.at("rule").dump()));
                                 return set_rule(rule);
                             }}));
    LACT_CHECK(actions_.add({"jobs.cancel",
                             "Stop a job",
                             "",
                             "Stop one running job; what was there before stays.",
                             "Scene",
                             {{"job", "number of the job", true}},
                             {},
                             [this](const nlohmann::json& with) -> Result<void> {
                                 if (with.at("job").is_number_integer()) {
                                     jobs_.cancel(with.at("job").get<std::uint64_t>());
                                 }
                                 return {};
                             }}));
    return actions_.add(
        {"jobs.cancel_all",
         "Stop what runs",
         "Esc",
         "Stop all running jobs; what was there before stays.",
         "Scene",
         {},
         [this] { return jobs_.any_running() ? std::string() : std::string("Nothing is running."); },
         [this](const nlohmann::json&) -> Result<void> {
             engine_.cancel();
             jobs_.cancel_all();
             return {};
         }});
}

}  // namespace lact::app
