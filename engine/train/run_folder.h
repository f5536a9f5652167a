#pragma once

#include "engine/core/error.h"
#include "engine/train/train_config.h"
#include "engine/train/train_events.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace lact {

/// The folder of one training run: `config.json`, `checkpoint.safetensors` (to go on from),
/// `weights.safetensors` (averaged, to be used), `curve.csv`, and `run.json`, which says to other programs
/// how far the run is.
class RunFolder {
  public:
    /// Makes the folder for a new run. Errors: it cannot be made or written to; it holds a run.
    [[nodiscard]] static Result<RunFolder> create(const std::filesystem::path& folder,
                                                  const TrainConfig& config);
    /// The folder of a run that goes on after `step` steps: rows of the curve behind it are dropped, they
    /// will come again.
    [[nodiscard]] static Result<RunFolder> reopen(const std::filesystem::path& folder,
                                                  const TrainConfig& config, long long step);

    [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
    [[nodiscard]] std::filesystem::path checkpoint() const { return checkpoint_of(folder_); }
    [[nodiscard]] std::filesystem::path weights() const { return folder_ / "weights.safetensors"; }
    [[nodiscard]] static std::filesystem::path checkpoint_of(const std::filesystem::path& folder) {
        return folder / "checkpoint.safetensors";
    }
    /// Why a folder cannot take a new run; empty where it can.
    [[nodiscard]] static std::string holds_run(const std::filesystem::path& folder);

    /// Appends a row: figures of training, or of an evaluation. Errors: the disk is full, say.
    [[nodiscard]] Result<void> add_row(const StepEvent& step);
    [[nodiscard]] Result<void> add_row(const EvaluationEvent& evaluation, const StepEvent& step);
    /// Replaces run.json.
    [[nodiscard]] Result<void> write_status(const nlohmann::ordered_json& status);

  private:
    explicit RunFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
    [[nodiscard]] Result<void> open_curve();
    [[nodiscard]] Result<void> append(const std::string& row);

    std::filesystem::path folder_;
    std::ofstream curve_;
};

/// A score as JSON; figures that do not exist are null.
[[nodiscard]] nlohmann::ordered_json to_json(const HeldOutScore& score);
[[nodiscard]] nlohmann::ordered_json to_json(const StepEvent& step);
[[nodiscard]] nlohmann::ordered_json to_json(const EvaluationEvent& evaluation);

}  // namespace lact
