#include "app/cli/bench_sequence.h"
#include "app/cli/bench_window.h"
#include "app/cli/program.h"
#include "engine/train/training_speed.h"

#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

struct TrainOptions {
    TrainingWorkload work;
    std::string precision = "bf16";
    std::string rule;
    bool json = false;
};

Result<void> bench_train(TrainOptions options, const Job& job) {
    LACT_TRY(options.work.precision, parse_precision(options.precision));
    if (!options.rule.empty()) {
        LACT_TRY(options.work.rule, parse_update_rule(options.rule));
    }
    const TrainingWorkload& work = options.work;
    LACT_TRY(const TrainingSpeed speed, measure_training_speed(work, job));
    const std::string rule = format(work.rule);
    if (options.json) {
        const nlohmann::json result = {{"scenes_per_second", speed.scenes_per_second},
                                       {"step_ms", speed.step},
                                       {"forward_ms", speed.forward},
                                       {"backward_ms", speed.backward},
                                       {"optimiser_ms", speed.optimiser},
                                       {"batch", work.batch},
                                       {"inputs", work.inputs},
                                       {"targets", work.targets},
                                       {"size", work.size},
                                       {"layers", work.model.layers},
                                       {"d", work.model.d},
                                       {"rule", rule},
                                       {"precision", options.precision},
                                       {"device", "cpu"},
                                       {"threads", speed.threads}};
        fmt::print("{}\n", result.dump(2));
    } else {
        fmt::print(
            stderr,
            "{:.2f} scenes/s: a step of {} scenes, {} + {} views of {}x{}, {} layers of width {}, rule "
            "{}, {}, cpu with {} threads\n"
            "median step {:.0f} ms = forward {:.0f}, backward {:.0f}, optimiser {:.0f}\n",
            speed.scenes_per_second, work.batch, work.inputs, work.targets, work.size, work.size,
            work.model.layers, work.model.d, rule, options.precision, speed.threads, speed.step,
            speed.forward, speed.backward, speed.optimiser);
    }
    return {};
}

void add_train(CLI::App& bench, Work& action) {
    auto* command = bench.add_subcommand("train", "A step of training on random pictures, without data");
    const auto options = std::make_shared<TrainOptions>();
    TrainingWorkload& work = options->work;
    command->add_option("--batch", work.batch, "Scenes in a step")->capture_default_str();
    command->add_option("--inputs", work.inputs, "Input views of a scene")->capture_default_str();
    command->add_option("--targets", work.targets, "Target views of a scene")->capture_default_str();
    command->add_option("--size", work.size, "Pixels a side")->capture_default_str();
    command->add_option("--layers", work.model.layers, "Layers")->capture_default_str();
    command->add_option("--width", work.model.d, "Token width d")->capture_default_str();
    command->add_option("--patch", work.model.patch, "Patch size")->capture_default_str();
    command->add_option("--ttt-head", work.model.ttt_head, "Width of a TTT head")->capture_default_str();
    command->add_option("--hidden", work.model.hidden_multiple, "d_h as a multiple of the TTT head")
        ->capture_default_str();
    command->add_option("--rule", options->rule, "Update rule (default: baseline)");
    command->add_option("--precision", options->precision, "bf16 or fp32")->capture_default_str();
    command->add_option("--threads", work.threads, "CPU threads (0: one per core)")->capture_default_str();
    command->add_option("--steps", work.steps, "Timed steps")->capture_default_str();
    command->add_flag("--json", options->json, "Print the result as JSON to stdout");
    command->callback(
        [options, &action] { action = [options](const Job& job) { return bench_train(*options, job); }; });
}

}  // namespace

void add_bench_command(CLI::App& app, Work& action) {
    auto* bench = app.add_subcommand("bench", "Measure speed on this machine");
    bench->require_subcommand(1);
    add_train(*bench, action);
    add_bench_window(*bench, action);
    add_bench_compare(*bench, action);
    add_bench_sequence(*bench, action);
}

}  // namespace lact::app
