#include "app/cli/program.h"
#include "engine/session/weight_files.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace lact::app {

void add_convert_command(CLI::App& app, Work& action) {
    struct Options {
        std::string input, output, type = "keep";
        int enlarge = 1;
    };
    auto* command = app.add_subcommand(
        "convert",
        "Turn a weight file into the other form: .safetensors <-> .pt, and change its number format");
    const auto options = std::make_shared<Options>();
    command->add_option("input", options->input, "Weight file, .safetensors or .pt")->required();
    command
        ->add_option("output", options->output,
                     "File to write; its ending (.safetensors or .pt) says the form")
        ->required();
    command->add_option("--dtype", options->type, "keep, fp32, fp16 or bf16")
        ->check(CLI::IsMember({"keep", "fp32", "fp16", "bf16"}))
        ->capture_default_str();
    command
        ->add_option(
            "--enlarge", options->enlarge,
            "Make patches and pictures so many times larger, the tokens stay: weights to begin training "
            "at a larger size with")
        ->check(CLI::Range(1, 16))
        ->capture_default_str();
    command->callback([options, &action] {
        action = [options](const Job& job) -> Result<void> {
            job.progress("converting", 0);
            LACT_CHECK(convert_weights(options->input, options->output, options->type, options->enlarge));
            job.progress("converting", 1);
            fmt::print(stderr, "wrote {}\n", options->output);
            return {};
        };
    });
}

}  // namespace lact::app
