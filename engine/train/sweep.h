#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/train/trainer.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace lact {

/// One row of a sweep: a configuration that differs from the others in one idea.
struct SweepEntry {
    std::string name;  ///< Unique; names its folders.
    TrainConfig config;
};

/// Short runs of equal wall time, each with several seeds, so that ideas can be compared with the noise
/// between seeds. Every configuration has one stage; its steps are set to what fits into the time.
struct Sweep {
    std::string name;
    double minutes = 8;
    std::vector<std::uint64_t> seeds{1, 2};
    std::vector<SweepEntry> entries;  ///< The first is what the others are compared with.
};

/// Reads a sweep from JSON: `name`, `minutes`, `seeds`, `base` (a training configuration) and `runs`, a list
/// of
/// {"name", "change", "stage"}: `change` is merged into the base (RFC 7396), `stage` into its stage. Errors
/// name the run and the field.
[[nodiscard]] Result<Sweep> parse_sweep(std::string_view text, const std::string& where);
[[nodiscard]] Result<Sweep> load_sweep(const std::filesystem::path& path);

/// What one run of a sweep came to: a score, or why it failed (it diverged, say).
struct SweepResult {
    std::uint64_t seed = 0;
    long long steps = 0;
    long long scenes = 0;
    double minutes = 0;   ///< Spent on steps.
    HeldOutScore score;   ///< Of the averaged weights at the end, on the family's held-out list.
    std::string failure;  ///< Empty: it was measured.
};

struct SweepRow {
    std::string name;
    std::vector<SweepResult> results;  ///< One for each seed.
};

/// Runs what is not finished yet in `request.output`, one folder a run, and returns all rows. A sweep that
/// was stopped goes on; the run it was in begins anew, and so does one whose configuration or time has
/// changed. A run that fails is a result. Of the request `output`, `device`, `threads`, `revision` and `draw`
/// are read. `each` gets the rows so far after every run. Errors: the job was stopped; a result cannot be
/// read or written.
[[nodiscard]] Result<std::vector<SweepRow>> run_sweep(
    const Sweep& sweep, const TrainRequest& request, const Job& job,
    const std::function<Result<void>(const std::vector<SweepRow>&)>& each = {});

/// A Markdown table: mean and standard deviation over seeds of PSNR and foreground PSNR, and the difference
/// to the first row, marked where it is within twice its standard error.
[[nodiscard]] std::string format_sweep_table(const Sweep& sweep, const std::vector<SweepRow>& rows);
[[nodiscard]] nlohmann::ordered_json to_json(const SweepResult& result);

}  // namespace lact
