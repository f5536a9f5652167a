#include "app/cli/command_line.h"
#include "app/platform/terminal.h"
#include "engine/core/output_path.h"
#include "engine/session/weight_files.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace lact::app {

void add_convert_command(CLI::App& app, CommandAction& action) {
    struct Options {
        std::string input, output, type = "keep";
        int enlarge = 1;
    };
    auto* command = app.add_subcommand(
        "convert", "Convert a weight file between .safetensors and .pt, and its data type");
    const auto options = std::make_shared<Options>();
    command->add_option("input", options->input, "Weight file, .safetensors or .pt")->required();
    command
        ->add_option("output", options->output,
                     "File to write; its extension (.safetensors or .pt) sets the format")
        ->required();
    command->add_option("--dtype", options->type, "Data type: keep, fp32, fp16 or bf16")
        ->check(CLI::IsMember({"keep", "fp32", "fp16", "bf16"}))
        ->capture_default_str();
    command
        ->add_option(
            "--enlarge", options->enlarge,
            "Factor on patch and image size at equal token counts, to start training at a larger size")
        ->check(CLI::Range(1, 16))
        ->capture_default_str();
    command->callback([options, &action] {
        action = [options](const Job& job) -> Result<void> {
            LACT_CHECK(check_output_file(options->output));
            job.progress("converting", 0);
            LACT_CHECK(
                convert_weights(options->input, options->output, options->type, options->enlarge, job));
            job.progress("converting", 1);
            print_err("wrote {}\n", options->output);
            return {};
        };
    });
}

}  // namespace lact::app
