#pragma once

#include "engine/core/error.h"
#include "engine/core/file_descriptor.h"
#include "engine/train/train_config.h"
#include "engine/train/train_events.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace lact {

/// The folder of one training run: `config.json`, `checkpoint.safetensors` (to resume from),
/// `weights.safetensors` (averaged, for inference), `curve.csv`, and `run.json`, which reports the progress
/// to other programs.
class RunFolder {
  public:
    /// Creates the folder of a new run. Errors: it cannot be created or written; it holds a run, or files of
    /// the names of a run's that are none of it; another run is in progress there.
    [[nodiscard]] static Result<RunFolder> create(const std::filesystem::path& folder,
                                                  const TrainConfig& config);
    /// Opens the folder of a run that resumes after `step` steps. Drops later rows of the curve, which the
    /// run writes again. Errors: the curve cannot be read or written; another run is in progress there.
    [[nodiscard]] static Result<RunFolder> reopen(const std::filesystem::path& folder,
                                                  const TrainConfig& config, long long step);

    [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
    [[nodiscard]] std::filesystem::path checkpoint() const { return checkpoint_of(folder_); }
    [[nodiscard]] std::filesystem::path weights() const { return weights_of(folder_); }
    [[nodiscard]] static std::filesystem::path checkpoint_of(const std::filesystem::path& folder) {
        return folder / "checkpoint.safetensors";
    }
    [[nodiscard]] static std::filesystem::path config_of(const std::filesystem::path& folder) {
        return folder / "config.json";
    }
    [[nodiscard]] static std::filesystem::path weights_of(const std::filesystem::path& folder) {
        return folder / "weights.safetensors";
    }
    /// Why a folder cannot hold a new run; empty where it can: it has neither a checkpoint nor weights.
    [[nodiscard]] static std::string holds_run(const std::filesystem::path& folder);
    /// Whether the folder has a checkpoint to resume from. Errors: that cannot be found out; it has none, but
    /// weights, which a new run would replace.
    [[nodiscard]] static Result<bool> has_checkpoint(const std::filesystem::path& folder);
    /// Removes all files of a run from its folder. Errors: a run is in progress there; the folder holds
    /// anything else, and nothing is removed.
    [[nodiscard]] static Result<void> remove(const std::filesystem::path& folder);

    /// Appends a row of training, or the rows of an evaluation, which replace those of the same step and
    /// scenes from before the run was resumed. Errors: a row cannot be written.
    [[nodiscard]] Result<void> add_row(const StepEvent& step);
    [[nodiscard]] Result<void> add_row(const EvaluationEvent& evaluation, const StepEvent& step);
    /// Whether the last evaluation from before the run was resumed is that of this step.
    [[nodiscard]] bool is_evaluated(long long step) const { return evaluated_ == step; }
    /// Replaces run.json.
    [[nodiscard]] Result<void> write_status(const nlohmann::ordered_json& status);

  private:
    explicit RunFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
    [[nodiscard]] Result<void> open_curve();
    [[nodiscard]] Result<void> append(const std::string& row);
    [[nodiscard]] Result<void> remove_rows_of(const EvaluationEvent& evaluation);

    std::filesystem::path folder_;
    FileDescriptor lock_;  ///< Excludes other runs on the folder.
    std::ofstream curve_;
    long long kept_until_ = -1;  ///< The last step with rows from before the run was resumed.
    long long evaluated_ = -1;   ///< The last step with rows of an evaluation from before.
};

/// A score as JSON; values that are not finite are null.
[[nodiscard]] nlohmann::ordered_json to_json(const HeldOutScore& score);
[[nodiscard]] nlohmann::ordered_json to_json(const StepEvent& step);
[[nodiscard]] nlohmann::ordered_json to_json(const EvaluationEvent& evaluation);

}  // namespace lact
