#include "engine/train/sweep.h"

#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/json_numbers.h"
#include "engine/core/output_path.h"
#include "engine/core/text_file.h"
#include "engine/train/run_folder.h"
#include "engine/train/training_speed.h"
#include "engine/train/training_state.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* sweep_hint = "docs/training.md describes sweeps.";
constexpr double seconds_per_minute = 60;
constexpr double minutes_per_hour = 60;

bool names_a_folder(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    }) && name.front() != '.';
}

Result<std::vector<std::uint64_t>> read_seeds(const Json& list, const std::string& where) {
    constexpr std::int64_t most = 1'000'000'000'000;
    std::vector<std::uint64_t> seeds;
    for (const Json& seed : list) {
        const bool whole = seed.is_number_integer() && seed >= 0 && seed <= most;
        const auto value = whole ? seed.get<std::uint64_t>() : 0;
        if (!whole || std::ranges::find(seeds, value) != seeds.end()) {
            return fail(where + ": seeds",
                        fmt::format("are {}; different whole numbers from 0 on were expected",
                                    dump_json(list).substr(0, 60)));
        }
        seeds.push_back(value);
    }
    return seeds;
}

Result<SweepEntry> read_entry(const Json& base, const Json& run, bool equal_time, const std::string& where) {
    if (!run.is_object() || !run.contains("name") || !run["name"].is_string() ||
        !names_a_folder(run["name"].get<std::string>())) {
        return fail(where + ".name", "is not a name of letters, digits, '-', '_' and '.'", sweep_hint);
    }
    for (const auto& [key, value] : run.items()) {
        if (key != "name" && key != "change" && key != "stage" && key != "seeds") {
            return fail(where, fmt::format("has the unknown field \"{}\"", key),
                        "Known: name, change, stage, seeds.");
        }
    }
    SweepEntry entry;
    entry.name = run["name"].get<std::string>();
    if (run.contains("seeds")) {
        LACT_TRY(entry.seeds, read_seeds(run["seeds"], where));
    }
    Json config = base;
    config.merge_patch(run.value("change", Json::object()));
    if (run.contains("stage") && config.is_object() && config.contains("stages") &&
        config["stages"].is_array()) {
        for (Json& stage : config["stages"]) {
            stage.merge_patch(run["stage"]);
        }
    }
    LACT_TRY(entry.config, parse_train_config(dump_json(config), fmt::format("{} ({})", where, entry.name)));
    if (equal_time && entry.config.stages.size() != 1) {
        return fail(where + ": stages",
                    fmt::format("are {}; a sweep of equal time has one", entry.config.stages.size()),
                    sweep_hint);
    }
    return entry;
}

Result<Sweep> read_sweep(const Json& json, const std::string& where) {
    for (const auto& [key, value] : json.items()) {
        if (key != "name" && key != "minutes" && key != "seeds" && key != "base" && key != "runs") {
            return fail(where, fmt::format("has the unknown field \"{}\"", key),
                        "Known: name, minutes, seeds, base, runs.");
        }
    }
    Sweep sweep;
    sweep.name = json.value("name", "sweep");
    sweep.minutes = json.value("minutes", sweep.minutes);
    if (json.contains("seeds")) {
        LACT_TRY(sweep.seeds, read_seeds(json["seeds"], where));
    }
    if (!(sweep.minutes >= 0) || sweep.minutes > 24 * minutes_per_hour) {
        return fail(where + ": minutes", fmt::format("are {}, a number from 0 to {} was expected",
                                                     sweep.minutes, 24 * minutes_per_hour));
    }
    if (sweep.seeds.empty()) {
        return fail(where + ": seeds", "are none");
    }
    if (!json.contains("base") || !json.contains("runs") || !json["runs"].is_array() ||
        json["runs"].empty()) {
        return fail(where, "needs \"base\", a training configuration, and \"runs\", a list", sweep_hint);
    }
    std::set<std::string> names;
    for (std::size_t i = 0; i < json["runs"].size(); ++i) {
        const std::string place = fmt::format("{}: runs[{}]", where, i);
        LACT_TRY(SweepEntry entry, read_entry(json["base"], json["runs"][i], sweep.minutes > 0, place));
        if (!names.insert(entry.name).second) {
            return fail(place + ".name", fmt::format("is \"{}\", which is in the list twice", entry.name));
        }
        sweep.entries.push_back(std::move(entry));
    }
    return sweep;
}

/// Seconds a step takes on average, data included: over the shapes that take turns, the median of a few steps
/// of each, after some that are not counted.
Result<double> seconds_per_step(TrainConfig config, TrainRequest request, const Job& job) {
    constexpr std::size_t not_counted = 4;
    constexpr std::size_t of_each_turn = 9;
    const std::size_t turns = config.stages.front().turns();
    LACT_TRY(config, with_steps(config, static_cast<long long>(not_counted + of_each_turn * turns)));
    config.checkpoint_minutes = minutes_per_hour;
    request.config = std::move(config);
    std::error_code ignored;
    fs::create_directories(request.output.parent_path(), ignored);
    LACT_TRY(const OutputFolder pilot, OutputFolder::beside(request.output));
    request.output = pilot.path() / "run";
    request.held_out = false;
    std::vector<double> hours;
    TrainEvents events;
    events.step = [&hours](const StepEvent& step) { hours.push_back(step.hours); };
    LACT_TRY(const TrainSummary summary, train(request, events, job));
    if (!summary.finished) {
        return cancelled();
    }
    std::vector<std::vector<double>> of_turns(turns);
    for (std::size_t i = not_counted; i < hours.size(); ++i) {
        of_turns[i % turns].push_back((hours[i] - hours[i - 1]) * minutes_per_hour * seconds_per_minute);
    }
    double sum = 0;
    for (std::vector<double>& seconds : of_turns) {
        const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
        std::nth_element(seconds.begin(), middle, seconds.end());
        sum += *middle;
    }
    return sum / static_cast<double>(turns);
}

double number_or_nan(const Json& value) {
    return value.is_number() ? value.get<double>() : std::nan("");
}

/// Identity of a result: it is valid for this configuration, time and these families only.
Json identity_of(const Sweep& sweep, const TrainConfig& config) {
    Json fingerprints = Json::array();
    for (const WorldFamily* const family : config.families) {
        fingerprints.push_back(family->fingerprint);
    }
    return {{"minutes", sweep.minutes},
            {"config", Json::parse(format_train_config(config))},
            {"families", std::move(fingerprints)}};
}

/// An identity as this version writes it: one of an earlier version lacks the fields that came later.
Json as_now(Json identity) {
    if (const auto config = parse_train_config(dump_json(identity.at("config")), "result.json"); config) {
        identity["config"] = Json::parse(format_train_config(*config));
    }
    return identity;
}

/// Empty where the file has another identity.
Result<std::optional<SweepResult>> read_result(const fs::path& file, const Json& identity) {
    LACT_TRY(const std::string text, read_text_file(file));
    try {
        LACT_TRY(const Json json, parse_ordered_json(text, file.string()));
        if (as_now(json.at("of")) != identity) {
            return std::optional<SweepResult>();
        }
        bool sound = true;
        const auto count = [&sound](const Json& value) {
            constexpr long long most = 1'000'000'000'000'000;
            const auto number = whole_number(value, 0, most);
            sound = sound && number.has_value();
            return number.value_or(0);
        };
        SweepResult result;
        result.failure = json.value("failure", "");
        result.seed = static_cast<std::uint64_t>(count(json.at("seed")));
        result.steps = count(json.at("steps"));
        result.scenes = count(json.at("scenes"));
        result.minutes = json.at("minutes").get<double>();
        const Json& score = json.at("score");
        result.score.scenes = static_cast<std::size_t>(count(score.at("scenes")));
        result.score.views = static_cast<std::size_t>(count(score.at("views")));
        if (!sound) {
            return fail(file.string(), "is not the result of a run: a count is none",
                        "Remove it to repeat the run.");
        }
        result.score.psnr = number_or_nan(score.at("psnr"));
        result.score.psnr_foreground = number_or_nan(score.at("psnr_foreground"));
        result.score.baseline = {number_or_nan(score.at("nearest_view")), number_or_nan(score.at("white")),
                                 number_or_nan(score.at("silhouette"))};
        return std::optional(std::move(result));
    } catch (const nlohmann::json::exception& problem) {
        return fail(file.string(), fmt::format("is not the result of a run: {}", problem.what()),
                    "Remove it to repeat the run.");
    }
}

/// Trains one run into `request.output`: as many steps as fit the time, or as many as are configured.
Result<SweepResult> train_one(const Sweep& sweep, TrainConfig config, TrainRequest request, const Job& job) {
    if (sweep.minutes > 0) {
        LACT_TRY(const double step_seconds, seconds_per_step(config, request, job));
        const auto steps = std::max(1LL, std::llround(sweep.minutes * seconds_per_minute / step_seconds));
        LACT_TRY(config, with_steps(std::move(config), steps));
        config.evaluation_steps = 0;
    }
    request.config = std::move(config);
    LACT_TRY(const TrainSummary summary, train(request, {}, job));
    if (!summary.finished) {
        return cancelled();
    }
    if (!summary.last) {
        return fail("held-out scenes", "there are none to measure on");
    }
    SweepResult result;
    result.seed = request.config->seed;
    result.steps = summary.steps;
    result.scenes = summary.scenes;
    result.minutes = summary.hours * minutes_per_hour;
    result.score = summary.last->score;
    return result;
}

/// Whether the folder has a checkpoint of a run of this configuration, which can continue. Error: it has one
/// that cannot be read; hours of training are not removed for that.
Result<bool> holds_run_of(const fs::path& folder, const TrainConfig& config) {
    std::error_code problem;
    if (fs::symlink_status(RunFolder::checkpoint_of(folder), problem).type() == fs::file_type::not_found) {
        return false;
    }
    auto state = read_training_state(RunFolder::checkpoint_of(folder));  // Refuses changed families.
    if (!state) {
        state.error().hint = "Mend that, or remove the folder to train this run again.";
        return tl::unexpected<Error>(std::move(state.error()));
    }
    return state->config.steps() == config.steps() && incompatibility(state->config, config).empty();
}

fs::path folder_of_run(const fs::path& output, const SweepEntry& entry, std::uint64_t seed) {
    return output / fmt::format("{}-{}", entry.name, seed);
}

TrainConfig config_of_run(const Sweep& sweep, const SweepEntry& entry, std::uint64_t seed) {
    TrainConfig config = entry.config;
    config.name = fmt::format("{} {}", sweep.name, entry.name);
    config.seed = seed;
    return config;
}

const std::vector<std::uint64_t>& seeds_of(const Sweep& sweep, const SweepEntry& entry) {
    return entry.seeds.empty() ? sweep.seeds : entry.seeds;
}

/// The precision of the entry's runs that are in the folder; nothing where there are none. Another choice
/// would make them runs of another configuration, which are trained again.
std::optional<TrainPrecision> precision_of_runs(const Sweep& sweep, const SweepEntry& entry,
                                                const fs::path& output) {
    for (const std::uint64_t seed : seeds_of(sweep, entry)) {
        const auto ran = load_train_config(RunFolder::config_of(folder_of_run(output, entry, seed)));
        if (!ran || ran->precision == TrainPrecision::automatic) {
            continue;
        }
        TrainConfig config = config_of_run(sweep, entry, seed);
        config.precision = ran->precision;
        if (sweep.minutes > 0 && config.stages.size() == 1 && ran->stages.size() == 1) {
            config.stages.front().steps = ran->stages.front().steps;  // Set to fit the time.
        }
        if (incompatibility(*ran, config).empty()) {
            return ran->precision;
        }
    }
    return std::nullopt;
}

/// The entries with the precision that "auto" stands for. It is chosen once for all seeds of an entry, which
/// must not differ in it, also where the sweep is continued. With equal steps it is chosen once for all
/// entries: it must not be a difference between them, as it would not be a saving of time.
Result<std::vector<SweepEntry>> with_precision(const Sweep& sweep, const TrainRequest& request,
                                               const Job& job) {
    std::vector<SweepEntry> entries = sweep.entries;
    const auto is_automatic = [](const SweepEntry& entry) {
        return entry.config.precision == TrainPrecision::automatic;
    };
    std::optional<TrainPrecision> of_all;
    if (sweep.minutes == 0) {
        for (const SweepEntry& entry : entries) {
            if (is_automatic(entry) && !of_all) {
                of_all = precision_of_runs(sweep, entry, request.output);
            }
        }
    }
    for (SweepEntry& entry : entries) {
        if (!is_automatic(entry)) {
            continue;
        }
        auto known = precision_of_runs(sweep, entry, request.output);  // Runs that are there stay valid.
        known = known ? known : of_all;
        if (!known) {
            TrainConfig config = entry.config;
            config.threads = request.threads.value_or(config.threads);
            LACT_TRY(known, faster_precision(config, request.device, job));
        }
        entry.config.precision = *known;
        if (sweep.minutes == 0 && !of_all) {
            of_all = known;
        }
    }
    return entries;
}

/// The stored result of a run; trains it where there is none.
Result<SweepResult> run_one(const Sweep& sweep, const SweepEntry& entry, std::uint64_t seed,
                            TrainRequest request, const Job& job) {
    const fs::path folder = folder_of_run(request.output, entry, seed);
    const fs::path file = folder / "result.json";
    const TrainConfig config = config_of_run(sweep, entry, seed);
    const Json identity = identity_of(sweep, config);
    std::error_code problem;
    if (fs::exists(file, problem)) {
        LACT_TRY(std::optional<SweepResult> known, read_result(file, identity));
        if (known) {
            return std::move(*known);
        }
        return fail(folder.string(), "holds a finished run of another configuration, time or family",
                    "Choose another folder with -o, or remove that run.");
    }
    request.output = folder;
    // A run of equal time was measured on a machine as it was then.
    if (sweep.minutes == 0) {
        LACT_TRY(request.resume, holds_run_of(folder, config));
    }
    if (!request.resume) {
        LACT_CHECK(RunFolder::remove(folder));  // Unfinished, and cannot continue.
    }
    auto result = train_one(sweep, config, request, job);
    // What may end otherwise next time, a full disk for example, is no result.
    if (!result && is_divergence(result.error())) {
        SweepResult failed;
        failed.seed = seed;
        failed.failure = result.error().message();
        result = std::move(failed);
    }
    LACT_CHECK(result);
    Json json = to_json(*result);
    json["of"] = identity;
    fs::create_directories(folder, problem);
    LACT_CHECK(write_file_atomically(file, dump_json(json, 2) + "\n"));
    return result;
}

/// The fields of a request that a sweep uses.
TrainRequest request_for(const TrainRequest& request) {
    TrainRequest own;
    own.output = request.output;
    own.device = request.device;
    own.threads = request.threads;
    own.revision = request.revision;
    own.draw = request.draw;
    return own;
}

Spread spread_of_runs(const SweepRow& row, const std::function<double(const SweepResult&)>& value) {
    std::vector<double> values;
    for (const SweepResult& result : row.results) {
        if (result.failure.empty()) {
            values.push_back(value(result));
        }
    }
    return spread_of(values);
}

}  // namespace

Spread psnr_spread(const SweepRow& row) {
    return spread_of_runs(row, [](const SweepResult& result) { return result.score.psnr; });
}

Spread foreground_spread(const SweepRow& row) {
    return spread_of_runs(row, [](const SweepResult& result) { return result.score.psnr_foreground; });
}

Result<Sweep> parse_sweep(std::string_view text, const std::string& where) {
    try {
        LACT_TRY(const Json json, parse_ordered_json(text, where));
        if (!json.is_object()) {
            return fail(where, "is not a JSON object", sweep_hint);
        }
        return read_sweep(json, where);
    } catch (const nlohmann::json::exception& problem) {
        return fail(where, fmt::format("is not a sweep: {}", problem.what()), sweep_hint);
    }
}

Result<Sweep> load_sweep(const fs::path& path) {
    LACT_TRY(const std::string text, read_text_file(path));
    return parse_sweep(text, path.string());
}

Result<std::vector<SweepRow>> run_sweep(
    const Sweep& sweep, const TrainRequest& request, const Job& job,
    const std::function<Result<void>(const std::vector<SweepRow>&)>& each) {
    const TrainRequest own = request_for(request);
    // Another sweep in the folder would remove the runs of this one as unfinished.
    std::error_code ignored;
    fs::create_directories(own.output, ignored);
    LACT_TRY(const FileDescriptor lock, lock_folder(own.output));
    LACT_TRY(const std::vector<SweepEntry> entries, with_precision(sweep, own, job));
    std::vector<SweepRow> rows;
    for (const SweepEntry& entry : entries) {
        rows.push_back({entry.name, {}});
    }
    // All rows with their first seed come before any with its second: a sweep that is cut short is still
    // useful.
    struct Turn {
        std::size_t row;
        std::uint64_t seed;
    };
    std::vector<Turn> turns;
    for (std::size_t round = 0, added = 1; added > 0; ++round) {
        added = 0;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (const auto& seeds = seeds_of(sweep, entries[i]); round < seeds.size()) {
                turns.push_back({i, seeds[round]});
                ++added;
            }
        }
    }
    double done = 0;
    for (const auto& [i, seed] : turns) {
        const Job inner{[&, name = rows[i].name, seed = seed](std::string_view stage, double fraction) {
                            job.progress(fmt::format("{}, seed {}: {}", name, seed, stage),
                                         (done + fraction) / static_cast<double>(turns.size()));
                        },
                        {},
                        job.stop};
        LACT_TRY(SweepResult result, run_one(sweep, entries[i], seed, own, inner));
        job.say(result.failure.empty()
                    ? fmt::format("{}, seed {}: {:.2f} dB, foreground {:.2f}, {}, {} in {:.1f} minutes",
                                  rows[i].name, seed, result.score.psnr, result.score.psnr_foreground,
                                  counted(result.steps, "step"), counted(result.scenes, "scene"),
                                  result.minutes)
                    : fmt::format("{}, seed {} failed: {}", rows[i].name, seed, result.failure));
        rows[i].results.push_back(std::move(result));
        ++done;
        if (each) {
            LACT_CHECK(each(rows));
        }
    }
    return rows;
}

namespace {

std::string table_row(const SweepRow& row, const SweepRow& first) {
    const Spread all = psnr_spread(row);
    if (all.count == 0) {
        return fmt::format("| {} | | | {} | | |\n", row.name, row.results.empty() ? "" : "failed");
    }
    const Spread object = foreground_spread(row);
    const std::string failed =
        all.count < row.results.size() ? fmt::format(", {} failed", row.results.size() - all.count) : "";
    const auto sample =
        std::ranges::find_if(row.results, [](const SweepResult& result) { return result.failure.empty(); });
    return fmt::format("| {} | {} | {} | {}{} | {} | {} |\n", row.name, sample->steps, sample->scenes,
                       mean_text(all, 2), failed, mean_text(object, 2), difference_to_first(row, first));
}

}  // namespace

std::string difference_to_first(const SweepRow& row, const SweepRow& first) {
    if (&row == &first) {
        return "–";
    }
    const Spread own = psnr_spread(row);
    const Spread reference = psnr_spread(first);
    if (own.count == 0 || reference.count == 0) {
        return "";
    }
    return fmt::format("{:+.2f}{}", own.mean - reference.mean,
                       within_noise(own, reference) ? " (within the spread)" : "");
}

std::string format_sweep_table(const Sweep& sweep, const std::vector<SweepRow>& rows) {
    const std::string length =
        sweep.minutes > 0 ? fmt::format("{:.3g} minutes of steps", sweep.minutes) : "equal steps";
    std::string table = fmt::format(
        "{}: {} each, {}\n\n| run | steps | scenes | PSNR, dB | foreground | to "
        "the "
        "first |\n|---|---|---|---|---|---|\n",
        sweep.name, length, counted(sweep.seeds.size(), "seed"));
    for (const SweepRow& row : rows) {
        table += table_row(row, rows.front());
    }
    if (!rows.empty() && !rows.front().results.empty() && rows.front().results.front().failure.empty()) {
        const HeldOutScore& score = rows.front().results.front().score;
        table += fmt::format("\n{}; nearest photo {:.2f} dB, silhouette in its mean colour {:.2f}.\n",
                             counted(score.scenes, "held-out scene"), score.baseline.nearest_view,
                             score.baseline.silhouette);
    }
    return table;
}

Json to_json(const SweepResult& result) {
    return {{"seed", result.seed},       {"steps", result.steps},          {"scenes", result.scenes},
            {"minutes", result.minutes}, {"score", to_json(result.score)}, {"failure", result.failure}};
}

}  // namespace lact
