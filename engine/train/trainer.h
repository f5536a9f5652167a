#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/train/drawn_scenes.h"
#include "engine/train/train_config.h"
#include "engine/train/train_events.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lact {

/// Request for a training run.
struct TrainRequest {
    std::optional<TrainConfig> config;  ///< May be absent with `resume`, which then uses that of the run.
    std::filesystem::path output;       ///< Folder of the run (RunFolder).
    bool resume = false;                ///< Resume the run in `output`.
    std::optional<std::filesystem::path> init;  ///< Initial weights, with a fresh optimiser.
    /// Folder of a run whose checkpoint branches off into `output` with a decaying learning rate over
    /// `decay_steps` steps (decay_branch()), in place of `config`, `resume` and `init`.
    std::optional<std::filesystem::path> decay_from;
    long long decay_steps = 0;
    std::optional<int> threads;  ///< Overrides the configuration.
    std::string device = "auto";
    /// Evaluates on the held-out list of each family; otherwise only on `watch`.
    bool held_out = true;
    std::vector<std::filesystem::path> watch;  ///< Scene folders for evaluation only.
    std::string revision;                      ///< Revision of the program, for the files.
    DrawScene draw;                            ///< Empty: generate_views().
};

/// Result of a training run.
struct TrainSummary {
    long long steps = 0;             ///< Completed steps in total.
    long long scenes = 0;            ///< Seen in them.
    double hours = 0;                ///< Of training steps, over all sessions of the run.
    bool finished = false;           ///< False: the job was stopped after a checkpoint.
    std::optional<NamedScore> last;  ///< Score of the last evaluation.
};

/// Trains until the last step, or until the job is stopped, which first writes a checkpoint. A checkpoint
/// that cannot be written gives a warning; the previous one stays, and the next interval tries again. Only
/// the last checkpoint makes it an error. An evaluation that fails gives a warning, too; before the first
/// step and after the last one it is an error, the latter with all files of the run written. Errors: the
/// folder holds a run without `resume`, or none to resume; a watched scene that cannot be read; weights that
/// do not fit the model; a run that diverged (100 skipped steps in a row); out of memory; the last checkpoint
/// cannot be written.
[[nodiscard]] Result<TrainSummary> train(const TrainRequest& request, const TrainEvents& events = {},
                                         const Job& job = {});

/// Whether an error of train() says that the run diverged, which it would do again.
[[nodiscard]] bool is_divergence(const Error& error);

}  // namespace lact
