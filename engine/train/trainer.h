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

/// A training run as a person asks for it.
struct TrainRequest {
    std::optional<TrainConfig> config;          ///< May be absent with `resume`: the run's own then.
    std::filesystem::path output;               ///< The run's folder (see RunFolder).
    bool resume = false;                        ///< Go on with the run in `output`.
    std::optional<std::filesystem::path> init;  ///< Weights to begin with (fresh optimiser).
    /// Folder of a run whose checkpoint is branched off into `output` with a falling learning rate, over
    /// `decay_steps` steps (decay_branch()); in place of `config`, `resume` and `init`.
    std::optional<std::filesystem::path> decay_from;
    long long decay_steps = 0;
    std::optional<int> threads;  ///< In place of the configuration's.
    std::string device = "auto";
    /// Measure on the held-out list of each family; otherwise only on `watch`.
    bool held_out = true;
    std::vector<std::filesystem::path> watch;  ///< Scene folders that are measured, never trained on.
    std::string revision;                      ///< Of the program, for the files.
    DrawScene draw;                            ///< Empty: generate_views().
};

struct TrainSummary {
    long long steps = 0;             ///< Done in all.
    bool finished = false;           ///< Otherwise the job was stopped; the checkpoint is written.
    std::optional<NamedScore> last;  ///< Of the last evaluation.
};

/// Trains until the last step, or until the job is stopped, which writes a checkpoint first. Checkpoints that
/// cannot be written (disk full) give a warning and are tried again at the next interval, as the one before
/// stays; only the last one's failure is an error. Errors else: the folder holds a run and `resume` was not
/// asked for, or there is none to resume; weights that do not fit; a run that diverged (100 skipped steps in
/// a row); out of memory.
[[nodiscard]] Result<TrainSummary> train(const TrainRequest& request, const TrainEvents& events = {},
                                         const Job& job = {});

}  // namespace lact
