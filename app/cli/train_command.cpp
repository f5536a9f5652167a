#include "app/cli/options.h"
#include "app/cli/program.h"
#include "app/cli/train_report.h"
#include "app/platform/revision.h"
#include "engine/core/files.h"
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

/// Runs a sweep; its table goes to sweep.md, its figures to sweep.json, after every run; one of them to
/// stdout.
Result<void> run_sweep_of(const TrainOptions& options, const Job& job) {
    LACT_TRY(const Sweep sweep, load_sweep(options.sweep));
    LACT_TRY(const TrainRequest request, request_of(options));
    const std::filesystem::path folder(options.output);
    const auto write = [&](const std::vector<SweepRow>& rows) -> Result<void> {
        LACT_CHECK(write_file_atomically(folder / "sweep.md", format_sweep_table(sweep, rows)));
        return write_file_atomically(folder / "sweep.json", to_json(sweep, rows).dump(2) + "\n");
    };
    LACT_TRY(const std::vector<SweepRow> rows, run_sweep(sweep, request, job, write));
    fmt::print("{}", options.json ? to_json(sweep, rows).dump(2) + "\n" : format_sweep_table(sweep, rows));
    return {};
}

Result<void> run_training(const TrainOptions& options, const Job& job) {
    if (!options.sweep.empty()) {
        return run_sweep_of(options, job);
    }
    if (options.config.empty() && !options.resume && options.decay_from.empty()) {
        return fail("--config", "is needed to begin a run",
                    "Name a training configuration, for example assets/train/nano64.json.");
    }
    LACT_TRY(const TrainRequest request, request_of(options));
    TrainReport report(options.output, options.json, job);
    LACT_TRY(const TrainSummary summary, train(request, report.events(), job));
    report.end(summary);
    return summary.finished ? Result<void>{} : cancelled();
}

}  // namespace

void add_train_command(CLI::App& app, Work& action) {
    auto* command = app.add_subcommand("train", "Train weights on generated scenes");
    const auto options = std::make_shared<TrainOptions>();
    auto* config = command->add_option("--config", options->config,
                                       "Training configuration (assets/train/*.json); not needed to resume");
    add_family_option(*command, options->family, "Family of generated worlds in place of the configuration's")
        ->needs(config);
    command->add_option("-o,--output", options->output, "Folder of the run")->required();
    command
        ->add_option("--steps", options->steps,
                     "Steps in all: the configuration's stages keep their shares; with --decay-from: those "
                     "of the decay")
        ->check(CLI::PositiveNumber);
    command->add_option("--threads", options->threads, "CPU threads; 0: one for each core")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--device", options->device, "auto, cpu, cuda or cuda:i")->capture_default_str();
    auto* init =
        command->add_option("--init", options->init, "Weights to begin with, in place of fresh ones");
    auto* resume =
        command->add_flag("--resume", options->resume, "Go on with the run in the folder")->excludes(init);
    auto* decay_from = command
                           ->add_option("--decay-from", options->decay_from,
                                        "Folder of a run: branch off its checkpoint and let the learning "
                                        "rate fall to 0 over --steps, "
                                        "while the run itself can go on at its constant rate")
                           ->excludes(init)
                           ->excludes(config)
                           ->excludes(resume);
    command->add_option("--watch", options->watch,
                        "Scene folders that are measured at each evaluation, never trained on");
    command
        ->add_option(
            "--sweep", options->sweep,
            "Sweep (assets/train/sweeps/*.json): short runs of equal time that compare ideas, into one table")
        ->excludes(init)
        ->excludes(config)
        ->excludes(resume)
        ->excludes(decay_from);
    command->add_flag("--json", options->json, "Print what happens as JSON lines to stdout");
    command->callback([options, &action] {
        if (options->steps && options->config.empty() && options->decay_from.empty()) {
            throw CLI::ValidationError("--steps", "needs --config or --decay-from");
        }
        if (!options->decay_from.empty() && !options->steps) {
            throw CLI::ValidationError("--decay-from", "needs --steps, the length of the decay");
        }
        action = [options](const Job& job) { return run_training(*options, job); };
    });
}

}  // namespace lact::app
