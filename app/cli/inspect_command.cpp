#include "app/cli/inspect_options.h"
#include "app/cli/program.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace lact::app {
namespace {

Result<void> inspect(const InspectOptions& options, const Job& job) {
    return options.check ? run_twin_check(options, job) : run_inspection(options, job);
}

}  // namespace

void add_inspect_command(CLI::App& app, Work& action) {
    auto* command = app.add_subcommand(
        "inspect",
        "Look inside the layers: what they are given, what they learn, and the same as linear "
        "attention");
    const auto options = std::make_shared<InspectOptions>();
    options->scene.add_to(*command, /*required=*/false);
    options->model.add_to(*command);
    auto* check = command->add_flag(
        "--check", options->check,
        "Compute every layer and head both ways, with all presets (or with --rule alone), and compare");
    auto* what = command
                     ->add_option("--what", options->what,
                                  "inputs, weights, spectrum, state, attention, shares, causal or rates")
                     ->check(CLI::IsMember({"inputs", "weights", "spectrum", "state", "attention", "shares",
                                            "causal", "rates"}))
                     ->excludes(check);
    command->add_option("-o,--output", options->output, "Folder for pictures (PNG) and tensors (safetensors)")
        ->excludes(check);
    command->add_option("--layer", options->layer, "Layer, from 0 (default: the last)")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--head", options->head, "TTT head, from 0")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command->add_option("--side", options->side, "Side that Muon's factor stands on: value or key")
        ->check(CLI::IsMember({"value", "key"}))
        ->capture_default_str();
    command->add_option("--view", options->view,
                        "View of the scene that asks (default: the first that is not an input)");
    command
        ->add_option("--pixel", options->pixel,
                     "Pixel x,y of that view, at the model's size (default: middle)")
        ->delimiter(',')
        ->expected(2);
    command->add_flag("--json", options->json, "Print figures as JSON on stdout");
    command->callback([options, what, check, &action] {
        if (what->count() == 0 && check->count() == 0) {
            throw CLI::RequiredError("--what or --check");
        }
        if (what->count() > 0 && options->output.empty()) {
            throw CLI::RequiredError("--output");
        }
        action = [options](const Job& job) { return inspect(*options, job); };
    });
}

}  // namespace lact::app
