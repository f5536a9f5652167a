#include "app/cli/bench_command.h"

#include "app/cli/checked.h"
#include "app/cli/options.h"
#include "app/platform/terminal.h"
#include "engine/core/counted.h"
#include "engine/core/text_file.h"
#include "engine/train/training_speed.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

struct BenchTrainOptions {
    TrainingWorkload work;
    std::string precision = "bf16";
    std::string rule;
    bool json = false;
};

Result<void> bench_train(BenchTrainOptions options, const Job& job) {
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
                                       {"threads", speed.threads},
                                       {"workers", speed.workers}};
        print_out("{}\n", dump_json(result, 2));
    } else {
        print_err(
            "{:.2f} scenes/s: steps of {}, {} + {} of {}x{}, {} of width {}, rule "
            "{}, {}, cpu with {} and {}\n"
            "median step {:.0f} ms = forward {:.0f}, backward {:.0f}, optimiser {:.0f}\n",
            speed.scenes_per_second, counted(work.batch, "scene"), work.inputs, counted(work.targets, "view"),
            work.size, work.size, counted(work.model.layers, "layer"), work.model.d, rule, options.precision,
            counted(speed.threads, "thread"), counted(speed.workers, "worker"), speed.step, speed.forward,
            speed.backward, speed.optimiser);
    }
    return {};
}

void add_bench_train(CLI::App& bench, CommandAction& action) {
    auto* command = bench.add_subcommand("train", "Time training steps on random images");
    const auto options = std::make_shared<BenchTrainOptions>();
    TrainingWorkload& work = options->work;
    const auto add = [command](const char* name, auto& value, const char* help, int most) {
        command->add_option(name, value, help)->check(CLI::Range(1, most))->capture_default_str();
    };
    add("--batch", work.batch, "Scenes per step", 4096);
    add("--inputs", work.inputs, "Input views per scene", 1024);
    add("--targets", work.targets, "Target views per scene", 1024);
    add("--size", work.size, "Width and height of the images in pixels", 4096);
    add("--layers", work.model.layers, "Number of layers", 256);
    add("--width", work.model.d, "Token width d", 16384);
    add("--patch", work.model.patch, "Patch size in pixels", 64);
    add("--ttt-head", work.model.ttt_head, "Width of a TTT head", 16384);
    add("--hidden", work.model.hidden_multiple, "Hidden width d_h as a multiple of the TTT head width", 16);
    command->add_option("--rule", options->rule, "Update rule (default: baseline)")
        ->check(checked(parse_update_rule, "RULE"));
    command->add_option("--precision", options->precision, "Precision: bf16 or fp32")
        ->check(CLI::IsMember({"bf16", "fp32"}))
        ->capture_default_str();
    command->add_option("--threads", work.threads, "CPU threads (0: one per core)")->capture_default_str();
    command
        ->add_option("--workers", work.workers,
                     "Parts of a batch computed at the same time (0: one for each thread)")
        ->capture_default_str();
    add("--steps", work.steps, "Number of timed steps", 1000000);
    add_json_flag(*command, options->json);
    command->callback(
        [options, &action] { action = [options](const Job& job) { return bench_train(*options, job); }; });
}

}  // namespace

void add_clock_option(CLI::App& command, std::string& clock) {
    command
        .add_option("--clock", clock,
                    "Clock: wall, or cpu (processor time: for one thread on a shared machine)")
        ->check(CLI::IsMember({"wall", "cpu"}))
        ->capture_default_str();
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

void add_bench_command(CLI::App& app, CommandAction& action) {
    auto* bench = app.add_subcommand("bench", "Measure the speed on this machine");
    bench->require_subcommand(1);
    add_bench_train(*bench, action);
    add_bench_window(*bench, action);
    add_bench_compare(*bench, action);
    add_bench_sequence(*bench, action);
    add_bench_engine(*bench, action);
}

}  // namespace lact::app
