#include "app/commands/training_commands.h"

#include "app/commands/parameter_table.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

using Json = nlohmann::json;

Result<std::string> folder_of(const Json& with, const char* command) {
    if (!with.at("folder").is_string()) {
        return fail(command, "the folder " + with.at("folder").dump() + " is no text");
    }
    const auto folder = with.at("folder").get<std::string>();
    return folder.empty() ? folder : watched_folder(folder).string();
}

}  // namespace

Result<void> add_training_commands(Document& view, TrainingWatch& watch, CommandTable& commands,
                                   ParameterTable& parameters) {
    const auto none_watched = [&watch] {
        return watch.views().empty() ? std::string("No training run is open.") : std::string();
    };
    LACT_CHECK(commands.add({"training.close",
                             "Watch a training run no more",
                             "",
                             "Take a run out of the Training panel; its files stay.",
                             "View",
                             {{"folder", "of the run", true}},
                             none_watched,
                             [&](const Json& with) -> Result<void> {
                                 LACT_TRY(const std::string folder, folder_of(with, "training.close"));
                                 if (view.training.follow == folder) {
                                     view.training.follow.clear();
                                 }
                                 return watch.close(folder);
                             }}));
    LACT_CHECK(commands.add(
        {"training.follow",
         "Follow a training run",
         "",
         "Open the newest weights of a run that is watched, and again whenever it writes newer "
         "ones.",
         "View",
         {{"folder", "of the run; empty: follow none", true}},
         none_watched,
         [&](const Json& with) -> Result<void> {
             LACT_TRY(const std::string folder, folder_of(with, "training.follow"));
             const auto runs = watch.views();
             const bool watched =
                 std::ranges::any_of(runs, [&](const auto& run) { return run->folder == folder; });
             if (!folder.empty() && !watched) {
                 return fail(folder, "is not the folder of a run that is watched", "Open it first.");
             }
             view.training.follow = folder;
             return {};
         }}));
    return AddParameter{parameters}(
        "training.axis", "Curves over", "Training", "What the curves of training runs are drawn over.",
        always(Choices{{"step", "scenes", "hours"}}), "step", [&view] { return Json(view.training.axis); },
        [&view](const Json& value) { view.training.axis = value.get<std::string>(); });
}

std::optional<std::filesystem::path> TrainingFollower::newer_weights(std::string& folder,
                                                                     const TrainingWatch& watch) {
    if (folder.empty()) {
        followed_.clear();
        return std::nullopt;
    }
    const TrainingWatch::Views runs = watch.views();
    const auto run = std::ranges::find_if(runs, [&](const auto& one) { return one->folder == folder; });
    if (run == runs.end()) {
        folder.clear();
        return std::nullopt;
    }
    const long long step = (*run)->checkpoint_step;
    if (step < 0 || (followed_ == folder && step == step_)) {
        return std::nullopt;
    }
    followed_ = folder;
    step_ = step;
    return (*run)->folder / "weights.safetensors";
}

}  // namespace lact::app
