#include "app/cli/bench_command.h"
#include "app/cli/checked.h"
#include "app/cli/options.h"
#include "app/platform/assets.h"
#include "app/platform/terminal.h"
#include "engine/core/counted.h"
#include "engine/core/output_path.h"
#include "engine/core/text_file.h"
#include "engine/model/random_weights.h"
#include "engine/session/engine_speed.h"
#include "engine/session/load_scene.h"
#include "engine/session/memory.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

enum class EngineWork { render, set_up, change_rule, start };

struct BenchEngineOptions {
    EngineWork what = EngineWork::render;
    ModelOptions model;
    std::string config;  ///< Of the release, with random weights; empty: the weights of `model`.
    int layers = 0;      ///< In place of those of `config`; 0: as it has.
    std::string other = "ascent";
    std::string size, clock = "wall";
    EngineWorkload work;
    bool json = false;
};

/// The weights to measure, which a temporary folder holds where they are random.
struct MeasuredWeights {
    std::filesystem::path path;
    std::string name;
    std::optional<OutputFolder> folder;
};

Result<MeasuredWeights> weights_of(const BenchEngineOptions& options, const Job& job) {
    MeasuredWeights weights;
    if (options.config.empty()) {
        weights.path = options.model.weights;
        if (weights.path.empty()) {
            LACT_TRY(weights.path, find_bundled_weights(bundled_weights().front().name));
        }
        weights.name = weights.path.filename().string();
        return weights;
    }
    LACT_TRY(ModelConfig config, released_config(options.config));
    config.layers = options.layers > 0 ? options.layers : config.layers;
    job.say("Random weights are written to a temporary file.");
    LACT_TRY(auto folder, OutputFolder::within(std::filesystem::temp_directory_path(), "lactscope-bench"));
    weights.folder.emplace(std::move(folder));
    weights.path = weights.folder->path() / "random.safetensors";
    weights.name = fmt::format("{} ({}), random weights", options.config, counted(config.layers, "layer"));
    LACT_CHECK(write_random_weights(config, 1, weights.path));
    return weights;
}

struct Measured {
    WorkTimes times;
    double product_rate = 0;
    PeakMemory memory;
    std::shared_ptr<const Model> model;
    UpdateRule rule;
    std::string weights;
    EngineWorkload work;
};

/// Times the start of weights with no other copy of them in memory, so that the peak is that of a start.
Result<WorkTimes> time_start_alone(const BenchEngineOptions& options, Measured& now,
                                   const std::filesystem::path& weights, const Job& job) {
    LACT_TRY(const ComputeOptions compute, options.model.compute());
    now.model.reset();
    LACT_TRY(auto times, time_start(weights, compute, now.rule, now.work, job));
    LACT_TRY(now.model, Model::load(weights, compute));
    return times;
}

Result<WorkTimes> time_work(const BenchEngineOptions& options, Measured& now,
                            const std::filesystem::path& weights, const Job& job) {
    switch (options.what) {
        case EngineWork::render:
            return time_rendering(now.model, now.rule, now.work, job);
        case EngineWork::set_up:
            return time_set_up(now.model, now.rule, now.work, job);
        case EngineWork::change_rule: {
            LACT_TRY(UpdateRule other, parse_update_rule(options.other));
            if (options.other.find("ns=") == std::string::npos) {
                other.ns_precision = now.rule.ns_precision;
            }
            return time_switch(now.model, now.rule, other, now.work, job);
        }
        case EngineWork::start:
            break;
    }
    return time_start_alone(options, now, weights, job);
}

Result<Measured> measure(BenchEngineOptions options, const Job& job) {
    LACT_TRY(const MeasuredWeights weights, weights_of(options, job));
    options.model.weights = weights.path.string();
    Measured all;
    LACT_TRY(all.model, open_model(options.model));
    LACT_TRY(all.rule, chosen_rule(options.model, *all.model));
    all.weights = weights.name;
    all.work = options.work;
    all.work.processor_time = options.clock == "cpu";
    all.work.size = default_size(all.model->info());
    if (!options.size.empty()) {
        LACT_TRY(all.work.size, parse_size(options.size));
    }
    LACT_CHECK(check_size(all.model->config(), all.work.size));
    LACT_TRY(all.times, time_work(options, all, weights.path, job));
    all.memory = peak_memory(*all.model);  // Before the products, which take memory of their own.
    LACT_TRY(all.product_rate, matrix_product_rate(*all.model, all.work));
    return all;
}

nlohmann::json to_json(const BenchEngineOptions& options, const Measured& all) {
    nlohmann::json result = {{"weights", all.weights},
                             {"layers", all.model->config().layers},
                             {"d", all.model->config().d},
                             {"parameters", all.model->parameters()},
                             {"rule", format(all.rule)},
                             {"precision", to_string(all.model->precision())},
                             {"device", all.model->device_name()},
                             {"clock", options.clock},
                             {"width", all.work.size.width},
                             {"height", all.work.size.height},
                             {"inputs", all.work.inputs},
                             {"runs", all.times.milliseconds.size()},
                             {"median_ms", all.times.median()},
                             {"p95_ms", all.times.p95()},
                             {"gflop", all.times.operations / 1e9},
                             {"gflops", all.times.gflops()},
                             {"product_gflops", all.product_rate},
                             {"share_of_product_rate", all.times.gflops() / all.product_rate},
                             {"peak_main_bytes", all.memory.main}};
    if (options.what == EngineWork::render) {
        result["batch"] = all.work.batch;
    }
    if (options.what == EngineWork::change_rule) {
        result["other_rule"] = options.other;
    }
    if (all.memory.device) {
        result["peak_device_bytes"] = *all.memory.device;
    }
    return result;
}

std::string title_of(const BenchEngineOptions& options, const Measured& all) {
    switch (options.what) {
        case EngineWork::render:
            return all.work.batch == 1 ? "one view"
                                       : fmt::format("a view, {} at once", counted(all.work.batch, "view"));
        case EngineWork::set_up:
            return fmt::format("state of {}", counted(all.work.inputs, "photo"));
        case EngineWork::change_rule:
            return fmt::format("switch between {} and {}, with {}, to the first view", format(all.rule),
                               options.other, counted(all.work.inputs, "photo"));
        case EngineWork::start:
            break;
    }
    return fmt::format("start from the weight file to the first view, with {}",
                       counted(all.work.inputs, "photo"));
}

Result<void> bench_engine(const BenchEngineOptions& options, const Job& job) {
    LACT_TRY(const Measured all, measure(options, job));
    if (options.json) {
        print_out("{}\n", dump_json(to_json(options, all), 2));
        return {};
    }
    print_err("{} at {}x{}: {}, rule {}, {} on {}\n", title_of(options, all), all.work.size.width,
              all.work.size.height, all.weights, format(all.rule), to_string(all.model->precision()),
              all.model->device_name());
    print_err("median {:.1f} ms, 95th percentile {:.1f} ms, {}, {} time\n", all.times.median(),
              all.times.p95(), counted(all.times.milliseconds.size(), "run"), options.clock);
    print_err("{:.4g} GFLOP: {:.4g} GFLOP/s, {:.0f} % of the rate of large matrix products here ({:.4g})\n",
              all.times.operations / 1e9, all.times.gflops(), 100 * all.times.gflops() / all.product_rate,
              all.product_rate);
    print_err("peak memory {}{}\n", memory_text(all.memory.main),
              all.memory.device ? ", on the device " + memory_text(*all.memory.device) : "");
    return {};
}

void add_one(CLI::App& bench, CommandAction& action, EngineWork what, const char* name, const char* about) {
    auto* command = bench.add_subcommand(name, about);
    const auto options = std::make_shared<BenchEngineOptions>();
    options->what = what;
    options->model.add_to(*command);
    auto* config = command->add_option(
        "--config", options->config,
        "Random weights in sizes of the release in place of a file: " + released_config_names());
    config->check(checked(released_config, "NAME"))->excludes("--weights");
    command->add_option("--layers", options->layers, "Layers, in place of those of the configuration")
        ->check(CLI::Range(1, 1000))
        ->needs(config);
    command
        ->add_option("--size", options->size,
                     "Image size in pixels, N or WxH (default: that of the training, or 256)")
        ->check(checked(parse_size, "SIZE"));
    command->add_option("--inputs", options->work.inputs, "Input views, of random pixels")
        ->check(CLI::Range(1, 4096))
        ->capture_default_str();
    if (what == EngineWork::render) {
        command->add_option("--batch", options->work.batch, "Views that are rendered at once")
            ->check(CLI::Range(1, 4096))
            ->capture_default_str();
    }
    if (what == EngineWork::change_rule) {
        command->add_option("--other", options->other, "The rule to switch to")
            ->check(checked(parse_update_rule, "RULE"))
            ->capture_default_str();
    }
    command->add_option("--repeats", options->work.repeats, "Timed runs, after one that is not counted")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    command->add_option("--seconds", options->work.seconds, "No run after the third begins after this time")
        ->capture_default_str();
    add_clock_option(*command, options->clock);
    add_json_flag(*command, options->json);
    command->callback(
        [options, &action] { action = [options](const Job& job) { return bench_engine(*options, job); }; });
}

}  // namespace

void add_bench_engine(CLI::App& bench, CommandAction& action) {
    add_one(bench, action, EngineWork::render, "render", "Time rendering a view from a state");
    add_one(bench, action, EngineWork::set_up, "setup", "Time writing photos into the state");
    add_one(bench, action, EngineWork::change_rule, "switch", "Time a switch of the rule, to the first view");
    add_one(bench, action, EngineWork::start, "start",
            "Time the start, from the weight file to the first view");
}

}  // namespace lact::app
