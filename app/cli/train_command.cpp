#include "app/cli/held_out_list.h"
#include "app/cli/program.h"
#include "app/cli/train_report.h"
#include "app/core/revision.h"
#include "engine/train/trainer.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace lact::app {
namespace {

struct Options {
    std::string config, output, init, device = "auto";
    std::optional<long long> steps;
    std::optional<int> threads;
    bool resume = false;
    bool json = false;
    std::vector<std::string> watch;
};

Result<TrainRequest> request_of(const Options& options) {
    TrainRequest request;
    if (!options.config.empty()) {
        LACT_TRY(TrainConfig config, load_train_config(options.config));
        if (options.steps) {
            LACT_TRY(config, with_steps(config, *options.steps));
        }
        request.config = std::move(config);
    }
    if (!options.init.empty()) {
        request.init = options.init;
    }
    request.output = options.output;
    request.resume = options.resume;
    request.threads = options.threads;
    request.device = options.device;
    LACT_TRY(request.held_out, held_out_list());
    request.watch.assign(options.watch.begin(), options.watch.end());
    request.revision = fmt::format("LaCT Scope " LACT_VERSION " {}", program_revision());
    return request;
}

Result<void> run_training(const Options& options, const Job& job) {
    if (options.config.empty() && !options.resume) {
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
    const auto options = std::make_shared<Options>();
    auto* config = command->add_option("--config", options->config,
                                       "Training configuration (assets/train/*.json); not needed to resume");
    command->add_option("-o,--output", options->output, "Folder of the run")->required();
    command
        ->add_option("--steps", options->steps, "Steps in all: the configuration's stages keep their shares")
        ->check(CLI::PositiveNumber)
        ->needs(config);
    command->add_option("--threads", options->threads, "CPU threads; 0: one for each core")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--device", options->device, "auto, cpu, cuda or cuda:i")->capture_default_str();
    auto* init =
        command->add_option("--init", options->init, "Weights to begin with, in place of fresh ones");
    command->add_flag("--resume", options->resume, "Go on with the run in the folder")->excludes(init);
    command->add_option("--watch", options->watch,
                        "Scene folders that are measured at each evaluation, never trained on");
    command->add_flag("--json", options->json, "Print what happens as JSON lines to stdout");
    command->callback(
        [options, &action] { action = [options](const Job& job) { return run_training(*options, job); }; });
}

}  // namespace lact::app
