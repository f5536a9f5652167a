#include "engine/train/run_folder.h"

#include "engine/core/files.h"
#include "engine/core/output_path.h"
#include "engine/core/text_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* curve_name = "curve.csv";
constexpr const char* config_name = "config.json";
constexpr const char* status_name = "run.json";
constexpr const char* header =
    "step,scenes,hours,stage,size,learning_rate,loss,train_psnr,gradient_norm,skipped,scenes_per_second,"
    "heldout,psnr,psnr_foreground,nearest_view,white,silhouette\n";

Json finite(double value) {
    return std::isfinite(value) ? Json(value) : Json();
}

/// Error: a file of the folder has a name of a run's, but none of its content. It is the user's own.
Result<void> check_names(const fs::path& folder) {
    const auto is_config = [](const std::string& text) { return parse_train_config(text, "").has_value(); };
    const auto is_curve = [](const std::string& text) { return text.starts_with("step,scenes,"); };
    const auto is_status = [](const std::string& text) {
        const auto json = parse_json(text, "");
        return json && json->is_object() && json->contains("steps_done");
    };
    const std::array<std::pair<const char*, std::function<bool(const std::string&)>>, 3> files{
        {{config_name, is_config}, {curve_name, is_curve}, {status_name, is_status}}};
    for (const auto& [name, is_of_run] : files) {
        std::error_code problem;
        if (fs::symlink_status(folder / name, problem).type() == fs::file_type::not_found) {
            continue;
        }
        if (const auto text = read_text_file(folder / name); !text || !is_of_run(*text)) {
            return fail((folder / name).string(), "is not of a training run, and is not replaced",
                        "Choose another folder with -o.");
        }
    }
    return {};
}

/// The header and the rows that `keep(step, row)` keeps, without incomplete rows.
template <class Keep>
std::string rows_of_curve(const std::string& text, const Keep& keep) {
    std::string kept = header;
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line) && !lines.eof()) {
        long long step = 0;
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), step);
        if (error == std::errc{} && keep(step, line)) {
            kept += line + "\n";
        }
    }
    return kept;
}

/// Names of watched scenes are folder names and may contain any character.
std::string name_in_curve(const NamedScore& named) {
    std::string name = named.name;
    std::erase_if(name, [](char c) { return c == ',' || c == '"' || c == '\n' || c == '\r'; });
    return name;
}

/// The set of scenes that a row of an evaluation is of; empty in a row of a step.
std::string_view scenes_in_row(std::string_view row) {
    constexpr std::size_t before = 11;  // Columns, see `header`.
    for (std::size_t i = 0; i < before; ++i) {
        row.remove_prefix(std::min(row.find(',') + 1, row.size()));
    }
    return row.substr(0, row.find(','));
}

/// The curve without the rows of the same step and scenes as those of the evaluation.
std::string without_rows_of(const EvaluationEvent& evaluation, const std::string& text) {
    std::set<std::string, std::less<>> names;
    for (const NamedScore& named : evaluation.scores) {
        names.insert(name_in_curve(named));
    }
    names.erase("");  // Rows of steps.
    return rows_of_curve(text, [&](long long step, const std::string& row) {
        return step != evaluation.step || !names.contains(scenes_in_row(row));
    });
}

}  // namespace

std::string RunFolder::holds_run(const std::filesystem::path& folder) {
    std::error_code problem;
    // A configuration alone is what is left of a run that ended before its first checkpoint: nothing to
    // continue. A link counts also where it leads nowhere at present.
    for (const fs::path& file : {checkpoint_of(folder), weights_of(folder)}) {
        if (fs::symlink_status(file, problem).type() != fs::file_type::not_found) {
            return fmt::format("already holds a training run ({})", file.filename().string());
        }
    }
    return {};
}

Result<bool> RunFolder::has_checkpoint(const fs::path& folder) {
    std::error_code problem;
    const fs::path checkpoint = checkpoint_of(folder);
    if (fs::symlink_status(checkpoint, problem).type() == fs::file_type::not_found) {
        if (const std::string reason = holds_run(folder); !reason.empty()) {
            return fail(folder.string(), reason + ", but no checkpoint.safetensors to resume from",
                        "Put the checkpoint back, or begin another run in another folder with --init.");
        }
        return false;
    }
    if (!fs::exists(checkpoint, problem)) {
        return fail(checkpoint.string(),
                    "cannot be opened: " + (problem ? problem.message() : std::string("its link is broken")));
    }
    return true;
}

Result<void> RunFolder::remove(const fs::path& folder) {
    std::error_code problem;
    if (fs::symlink_status(folder, problem).type() == fs::file_type::not_found) {
        return {};
    }
    LACT_TRY(const FileDescriptor lock, lock_folder(folder));
    const std::set<std::string> of_runs{
        "checkpoint.safetensors", config_name, curve_name, "result.json", status_name, "sheets",
        "weights.safetensors"};
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end;
         entry.increment(problem)) {
        files.push_back(entry->path());
    }
    for (fs::directory_iterator entry(folder / "sheets", problem), end; !problem && entry != end;
         entry.increment(problem)) {
        files.push_back(entry->path());
    }
    for (const fs::path& file : files) {
        const std::string name = file.filename().string();
        const bool sheet =
            file.parent_path() != folder && name.starts_with("step-") && name.ends_with(".png");
        if (!sheet && !(file.parent_path() == folder && of_runs.contains(name)) &&
            !is_temporary_output(name)) {
            return fail(folder.string(),
                        fmt::format("holds {}, which is not of a training run, and is not replaced", name),
                        "Move it, or choose another folder.");
        }
    }
    fs::remove_all(folder, problem);
    return problem ? fail(folder.string(), "cannot be removed: " + problem.message()) : Result<void>{};
}

Result<RunFolder> RunFolder::create(const std::filesystem::path& folder, const TrainConfig& config) {
    if (const std::string reason = holds_run(folder); !reason.empty()) {
        return fail(folder.string(), reason, "Continue it with --resume, or choose another folder with -o.");
    }
    LACT_CHECK(check_names(folder));
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) {
        return fail(folder.string(), "cannot be created: " + problem.message(),
                    "Choose another folder with -o.");
    }
    RunFolder run(folder);
    LACT_TRY(run.lock_, lock_folder(folder));
    LACT_CHECK(write_file_atomically(folder / config_name, format_train_config(config) + "\n"));
    LACT_CHECK(write_file_atomically(folder / curve_name, header));
    LACT_CHECK(run.open_curve());
    return run;
}

Result<RunFolder> RunFolder::reopen(const std::filesystem::path& folder, const TrainConfig& config,
                                    long long step) {
    if (step < 0) {  // There is no checkpoint, so the files may be those of anybody.
        LACT_CHECK(check_names(folder));
    }
    RunFolder run(folder);
    LACT_TRY(run.lock_, lock_folder(folder));
    LACT_CHECK(write_file_atomically(folder / config_name, format_train_config(config) + "\n"));
    std::string curve;  // A run resumes without its curve.
    if (std::error_code problem; fs::exists(folder / curve_name, problem) || problem) {
        LACT_TRY(curve, read_file(folder / curve_name));
    }
    const std::string kept = rows_of_curve(curve, [&](long long row_step, const std::string& row) {
        if (row_step > step) {
            return false;
        }
        if (!scenes_in_row(row).empty()) {
            run.evaluated_ = row_step;
        }
        return true;
    });
    LACT_CHECK(write_file_atomically(folder / curve_name, kept));
    run.kept_until_ = step;
    LACT_CHECK(run.open_curve());
    return run;
}

Result<void> RunFolder::open_curve() {
    curve_.open(folder_ / curve_name, std::ios::app);
    return curve_ ? Result<void>{} : fail((folder_ / curve_name).string(), "cannot be written to");
}

Result<void> RunFolder::append(const std::string& row) {
    curve_ << row << std::flush;
    if (!curve_) {
        curve_.clear();
        return fail((folder_ / curve_name).string(), "a row could not be written", "Is the disk full?");
    }
    return {};
}

Result<void> RunFolder::add_row(const StepEvent& step) {
    // Readers of the curve draw every number that they find, NaN as well.
    const std::string psnr = std::isfinite(step.psnr) ? fmt::format("{:.4f}", step.psnr) : "";
    return append(fmt::format("{},{},{:.5f},{},{},{:.6g},{:.6g},{},{:.5g},{},{:.4g},,,,,,\n", step.step,
                              step.scenes, step.hours, step.stage, step.size, step.learning_rate, step.loss,
                              psnr, step.gradient_norm, step.skipped_steps, step.scenes_per_second));
}

Result<void> RunFolder::remove_rows_of(const EvaluationEvent& evaluation) {
    const fs::path curve = folder_ / curve_name;
    LACT_TRY(const std::string text, read_file(curve));
    curve_.close();
    auto written = write_file_atomically(curve, without_rows_of(evaluation, text));
    LACT_CHECK(open_curve());
    return written;
}

Result<void> RunFolder::add_row(const EvaluationEvent& evaluation, const StepEvent& step) {
    if (evaluation.step <= kept_until_) {  // A run that is resumed at its end is evaluated there again.
        LACT_CHECK(remove_rows_of(evaluation));
    }
    for (const NamedScore& named : evaluation.scores) {
        const std::string name = name_in_curve(named);
        const HeldOutScore& score = named.score;
        LACT_CHECK(append(fmt::format("{},{},{:.5f},{},{},,,,,,,{},{:.4f},{:.4f},{:.4f},{:.4f},{:.4f}\n",
                                      evaluation.step, step.scenes, step.hours, step.stage, evaluation.size,
                                      name, score.psnr, score.psnr_foreground, score.baseline.nearest_view,
                                      score.baseline.white, score.baseline.silhouette)));
    }
    return {};
}

Result<void> RunFolder::write_status(const Json& status) {
    return write_file_atomically(folder_ / status_name, dump_json(status, 2) + "\n");
}

Json to_json(const HeldOutScore& score) {
    return {{"scenes", score.scenes},
            {"views", score.views},
            {"psnr", finite(score.psnr)},
            {"psnr_foreground", finite(score.psnr_foreground)},
            {"nearest_view", finite(score.baseline.nearest_view)},
            {"white", finite(score.baseline.white)},
            {"silhouette", finite(score.baseline.silhouette)}};
}

Json to_json(const StepEvent& step) {
    return {{"step", step.step},
            {"steps", step.steps},
            {"stage", step.stage},
            {"size", step.size},
            {"inputs", step.inputs},
            {"targets", step.targets},
            {"loss", finite(step.loss)},
            {"train_psnr", finite(step.psnr)},
            {"learning_rate", step.learning_rate},
            {"gradient_norm", finite(step.gradient_norm)},
            {"skipped", step.skipped},
            {"skipped_steps", step.skipped_steps},
            {"scenes", step.scenes},
            {"scenes_per_second", step.scenes_per_second},
            {"hours", step.hours}};
}

Json to_json(const EvaluationEvent& evaluation) {
    Json scores = Json::object();
    for (const NamedScore& named : evaluation.scores) {
        scores[named.name] = to_json(named.score);
    }
    return {{"step", evaluation.step}, {"size", evaluation.size}, {"scores", std::move(scores)}};
}

}  // namespace lact
