#include "app/commands/training_commands.h"

#include "app/commands/parameter_table.h"

#include <algorithm>

namespace lact::app {

namespace {

/// The folder as TrainingWatch spells it; empty stays empty.
std::string watched(const std::string& folder) {
    return folder.empty() ? folder : watched_folder(folder).string();
}

}  // namespace

Result<void> add_training_commands(Document& document, TrainingWatch& watch, CommandTable& commands,
                                   ParameterTable& parameters) {
    const auto none_watched = [&watch] {
        return watch.views().empty() ? std::string("No training run is open.") : std::string();
    };
    LACT_CHECK(commands.add<CloseTraining>(
        {"Stop watching a training run", "", "Remove a run from the Training panel; its files stay.", "View"},
        none_watched, [&](const CloseTraining& close) {
            const std::string folder = watched(close.folder);
            if (document.training.follow == folder) {
                document.training.follow.clear();
            }
            return watch.close(folder);
        }));
    LACT_CHECK(commands.add<FollowTraining>(
        {"Follow a training run", "",
         "Open the newest weights of a watched run, and newer ones whenever it writes them.", "View"},
        none_watched, [&](const FollowTraining& follow) -> Result<void> {
            const std::string folder = watched(follow.folder);
            const auto runs = watch.views();
            const bool is_watched =
                std::ranges::any_of(runs, [&](const auto& run) { return run->folder == folder; });
            if (!folder.empty() && !is_watched) {
                return fail(folder, "is not the folder of a run that is watched", "Open it first.");
            }
            document.training.follow = folder;
            return {};
        }));
    return AddParameter{parameters}(
        "training.axis", "Curves over", "Training", "Horizontal axis of the curves of training runs.",
        Effect::shows, always(Choices{{"step", "scenes", "hours"}}), "step",
        [&document] { return ParameterValue(document.training.axis); },
        [&document](const ParameterValue& value) { document.training.axis = value.get<std::string>(); });
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
