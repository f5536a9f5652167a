#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/metrics/spread.h"
#include "engine/train/trainer.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace lact {

/// One row of a sweep: a configuration that differs from the others in one respect.
struct SweepEntry {
    std::string name;  ///< Unique; names its folders.
    TrainConfig config;
    std::vector<std::uint64_t> seeds;  ///< Empty: those of the sweep.
};

/// Runs of equal wall time or of equal steps, each with several seeds, to compare differences with the noise
/// between seeds. For equal time every configuration has one stage; its number of steps is set to fit the
/// time.
struct Sweep {
    std::string name;
    double minutes = 8;  ///< Of training steps, for each run; 0: each has the steps of its configuration.
    std::vector<std::uint64_t> seeds{1, 2};
    std::vector<SweepEntry> entries;  ///< The first is the reference.
};

/// Reads a sweep from JSON: `name`, `minutes`, `seeds`, `base` (a training configuration) and `runs`, a list
/// of
/// {"name", "change", "stage", "seeds"}: `change` is merged into the base (RFC 7396), `stage` into its
/// stages. Errors name the run and the field.
[[nodiscard]] Result<Sweep> parse_sweep(std::string_view text, const std::string& where);
[[nodiscard]] Result<Sweep> load_sweep(const std::filesystem::path& path);

/// Result of one run of a sweep: a score, or why it failed.
struct SweepResult {
    std::uint64_t seed = 0;
    long long steps = 0;
    long long scenes = 0;
    double minutes = 0;   ///< Spent on steps.
    HeldOutScore score;   ///< Of the averaged weights at the end, on the held-out list of the family.
    std::string failure;  ///< Empty: `score` is valid.
};

struct SweepRow {
    std::string name;
    std::vector<SweepResult> results;  ///< One for each seed.
};

/// Over the runs of a row that have a score.
[[nodiscard]] Spread psnr_spread(const SweepRow& row);
[[nodiscard]] Spread foreground_spread(const SweepRow& row);

/// Runs the unfinished runs of a sweep in `request.output`, one folder for each run, and returns all rows. A
/// stopped sweep resumes: its interrupted run continues where runs have equal steps, and restarts where they
/// have equal time, or where the configuration has changed. The precision "auto" is one for all runs of equal
/// steps, and stays what it is in the runs that are there. A run that fails is a result. Of the
/// request only `output`, `device`, `threads`, `revision` and `draw` are used. `each` receives the rows so
/// far after every run. Errors: the job was stopped; a result cannot be read or written; a
/// finished run in the folder is of another configuration, time or family; another sweep is in progress in
/// the folder.
[[nodiscard]] Result<std::vector<SweepRow>> run_sweep(
    const Sweep& sweep, const TrainRequest& request, const Job& job,
    const std::function<Result<void>(const std::vector<SweepRow>&)>& each = {});

/// The difference of the mean PSNR to the first row as text, "+0.31", marked where it is within_noise(); "–"
/// for the first row, empty where either has no score.
[[nodiscard]] std::string difference_to_first(const SweepRow& row, const SweepRow& first);

/// A Markdown table: mean and standard deviation over seeds of PSNR and foreground PSNR, and
/// difference_to_first().
[[nodiscard]] std::string format_sweep_table(const Sweep& sweep, const std::vector<SweepRow>& rows);
[[nodiscard]] nlohmann::ordered_json to_json(const SweepResult& result);

}  // namespace lact
