#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/cli/train_report.h"
#include "app/platform/revision.h"
#include "app/platform/terminal.h"
#include "engine/core/files.h"
#include "engine/core/output_path.h"
#include "engine/core/text_file.h"
#include "engine/train/rule_sweep.h"
#include "engine/train/sweep.h"
#include "engine/train/trainer.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

struct TrainOptions {
    std::string config, output, init, family, device = "auto";
    std::optional<long long> steps;
    std::optional<int> threads;
    std::string decay_from;
    std::string sweep;
    std::optional<std::string> rules;
    std::vector<std::uint64_t> seeds{1, 2};
    bool resume = false;
    bool json = false;
    std::vector<std::string> watch;
};

Result<TrainRequest> request_of(const TrainOptions& options) {
    TrainRequest request;
    if (!options.config.empty()) {
        LACT_TRY(TrainConfig config, load_train_config(options.config));
        if (!options.family.empty()) {
            LACT_TRY(const WorldFamily* const family, find_family(options.family));
            config.families = {family};
        }
        if (options.steps) {
            LACT_TRY(config, with_steps(config, *options.steps));
        }
        request.config = std::move(config);
    }
    if (!options.init.empty()) {
        request.init = options.init;
    }
    if (!options.decay_from.empty()) {
        request.decay_from = options.decay_from;
        request.decay_steps = options.steps.value_or(0);
    }
    request.output = options.output;
    request.resume = options.resume;
    request.threads = options.threads;
    request.device = options.device;
    request.watch.assign(options.watch.begin(), options.watch.end());
    request.revision = fmt::format("LaCT Scope " LACT_VERSION " {}", program_revision());
    return request;
}

nlohmann::ordered_json to_json(const Sweep& sweep, const std::vector<SweepRow>& rows) {
    nlohmann::ordered_json json{{"name", sweep.name}, {"minutes", sweep.minutes}};
    for (const SweepRow& row : rows) {
        for (const SweepResult& result : row.results) {
            json["runs"][row.name].push_back(lact::to_json(result));
        }
    }
    return json;
}

using SweepTable = std::string (*)(const Sweep&, const std::vector<SweepRow>&);

/// Error: the folder has files of the names of a sweep's results that are none. They are the user's own, for
/// example the sweep itself.
Result<void> check_results(const std::filesystem::path& folder, const std::string& name) {
    std::error_code problem;
    const auto there = [&](const char* extension) {
        return std::filesystem::symlink_status(folder / (name + extension), problem).type() !=
               std::filesystem::file_type::not_found;
    };
    if (!there(".json") && !there(".md")) {
        return {};
    }
    const auto json = parse_json_file(folder / (name + ".json"));
    if (!json || !json->is_object() || !json->contains("minutes") || json->contains("base")) {
        return fail((folder / (name + (there(".json") ? ".json" : ".md"))).string(),
                    "is not the result of a sweep, and is not replaced", "Choose another folder with -o.");
    }
    return {};
}

/// Runs a sweep. Writes its table to `name`.md and its figures to `name`.json after every run, and prints one
/// of them to stdout.
Result<void> run_sweep_of(const TrainOptions& options, const Sweep& sweep, const std::string& name,
                          SweepTable table, const Job& job) {
    LACT_CHECK(check_output_folder(options.output));
    LACT_TRY(const TrainRequest request, request_of(options));
    const std::filesystem::path folder(options.output);
    LACT_CHECK(check_results(folder, name));
    const auto write = [&](const std::vector<SweepRow>& rows) -> Result<void> {
        LACT_CHECK(write_file_atomically(folder / (name + ".md"), table(sweep, rows)));
        return write_file_atomically(folder / (name + ".json"), dump_json(to_json(sweep, rows), 2) + "\n");
    };
    LACT_TRY(const std::vector<SweepRow> rows, run_sweep(sweep, request, job, write));
    print_out("{}", options.json ? dump_json(to_json(sweep, rows), 2) + "\n" : table(sweep, rows));
    return {};
}

Result<void> run_rules(const TrainOptions& options, const Job& job) {
    LACT_TRY(const TrainRequest request, request_of(options));
    LACT_TRY(const Sweep sweep, rule_sweep(*request.config, *options.rules, options.seeds));
    return run_sweep_of(options, sweep, "rules", format_rule_table, job);
}

Result<void> run_training(const TrainOptions& options, const Job& job) {
    if (!options.sweep.empty()) {
        LACT_TRY(const Sweep sweep, load_sweep(options.sweep));
        return run_sweep_of(options, sweep, "sweep", format_sweep_table, job);
    }
    if (options.rules) {
        return run_rules(options, job);
    }
    if (options.config.empty() && !options.resume && options.decay_from.empty()) {
        return fail("--config", "is required to begin a run",
                    "Name a training configuration, for example assets/train/general.json.");
    }
    LACT_CHECK(check_output_folder(options.output));
    LACT_TRY(const TrainRequest request, request_of(options));
    TrainReport report(options.output, options.json, job);
    LACT_TRY(const TrainSummary summary, train(request, report.events(), job));
    report.end(summary);
    return summary.finished ? Result<void>{} : cancelled();
}

}  // namespace

void add_train_command(CLI::App& app, CommandAction& action) {
    auto* command = app.add_subcommand("train", "Train weights on generated scenes");
    const auto options = std::make_shared<TrainOptions>();
    auto* config =
        command->add_option("--config", options->config,
                            "Training configuration (assets/train/*.json; not needed with --resume)");
    add_family_option(*command, options->family, "Family of generated worlds, instead of the configured one")
        ->needs(config);
    command->add_option("-o,--output", options->output, "Folder of the run")->required();
    command
        ->add_option(
            "--steps", options->steps,
            "Total number of steps, shared among the stages as configured; with --decay-from, the steps "
            "of the decay")
        ->check(CLI::Range(1LL, 1'000'000'000LL));
    command
        ->add_option("--threads", options->threads, "CPU threads (0: one per core; default: as configured)")
        ->check(CLI::NonNegativeNumber);
    add_device_option(*command, options->device);
    auto* init = command->add_option("--init", options->init, "Initial weights, instead of random ones");
    auto* resume =
        command->add_flag("--resume", options->resume, "Resume the run in the folder")->excludes(init);
    auto* decay_from = command
                           ->add_option("--decay-from", options->decay_from,
                                        "Folder of a run: continue from its checkpoint with a learning rate "
                                        "that decays to 0 over --steps")
                           ->excludes(init)
                           ->excludes(config)
                           ->excludes(resume);
    auto* watch = command->add_option("--watch", options->watch,
                                      "Scene folders to measure at each evaluation (never trained on)");
    command
        ->add_option("--sweep", options->sweep,
                     "Sweep (assets/train/sweeps/*.json): short runs, compared in one table")
        ->excludes(init)
        ->excludes(config)
        ->excludes(resume)
        ->excludes(decay_from)
        ->excludes(watch);
    auto* rules = command
                      ->add_option("--rules", options->rules,
                                   "Train the configuration once with each update rule and seed, and compare "
                                   "them in one table: all, or names with commas between them")
                      ->needs(config)
                      ->excludes(init)
                      ->excludes(resume)
                      ->excludes(watch);
    command->add_option("--seeds", options->seeds, "Seeds of --rules")
        ->delimiter(',')
        ->capture_default_str()
        ->needs(rules);
    command->add_flag(
        "--json", options->json,
        "Print events as JSON lines to stdout; of --sweep and --rules, their result as one JSON text at the "
        "end");
    command->callback([options, &action] {
        if (options->steps && options->config.empty() && options->decay_from.empty()) {
            throw CLI::ValidationError("--steps", "requires --config or --decay-from");
        }
        if (!options->decay_from.empty() && !options->steps) {
            throw CLI::ValidationError("--decay-from", "requires --steps, the length of the decay");
        }
        action = [options](const Job& job) { return run_training(*options, job); };
    });
}

}  // namespace lact::app
