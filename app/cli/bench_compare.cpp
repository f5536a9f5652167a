// `lactscope bench compare`: what a second side costs the engine thread.
#include "app/cli/options.h"
#include "app/cli/program.h"
#include "app/core/engine_thread.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

constexpr auto patience = std::chrono::minutes(10);

struct Options {
    ModelOptions model;
    SceneOptions scene;
    std::string b = "rule=ascent";
    int frames = 20;
    int rounds = 9;
    bool json = false;
};

Error last_error(const ErrorLog& log) {
    for (const LogEntry& entry : log.after(0)) {
        if (entry.severity == Severity::error) {
            return {entry.what, entry.where, entry.hint, false};
        }
    }
    return {"the engine is still busy", "bench", {}, false};
}

/// Milliseconds from asking for a camera to its picture, of `frames` cameras from `first` on.
Result<void> time_frames(EngineThread& engine, const ErrorLog& log, int first, int frames, const Job& job,
                         std::vector<double>& times) {
    const auto scene = engine.published().scene;
    for (int i = first; i < first + frames; ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        Camera camera = scene->views[static_cast<std::size_t>(i) % scene->views.size()].camera;
        camera.c2w.block<3, 1>(0, 3) *= 1.01;  // as in flight: where no photo was taken
        const auto began = std::chrono::steady_clock::now();
        engine.look(camera);
        if (!engine.wait_until_idle(patience)) {
            return tl::unexpected<Error>(last_error(log));
        }
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
        times.push_back(took.count());
    }
    return {};
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

Result<void> bench(const Options& options, const Job& job) {
    CompareWish wish;
    LACT_TRY(wish.b, parse_side_spec(options.b));
    LACT_TRY(const Precision precision, parse_precision(options.model.precision));
    LACT_TRY(const SceneRequest request, options.scene.request());
    LACT_TRY(const auto model, open_model(options.model));  // where the weights are, and whether they load
    ErrorLog log;
    JobRegistry jobs;
    EngineThread engine({options.model.device, precision, options.model.threads}, log, jobs);
    engine.open_weights(model->path());
    engine.open_scene(request);
    if (!engine.wait_until_idle(patience) || !engine.published().frame) {
        return tl::unexpected<Error>(last_error(log));
    }
    std::vector<double> ones;
    std::vector<double> twos;
    std::vector<double> ratios;
    for (int round = 0; round <= options.rounds; ++round) {  // Alternating: the machine's mood meets both.
        std::vector<double> alone;
        std::vector<double> both;
        LACT_CHECK(time_frames(engine, log, round * options.frames, options.frames, job, alone));
        engine.compare(wish);
        if (!engine.wait_until_idle(patience) || !engine.published().pair) {
            return tl::unexpected<Error>(last_error(log));
        }
        LACT_CHECK(time_frames(engine, log, round * options.frames, options.frames, job, both));
        engine.compare(std::nullopt);
        if (!engine.wait_until_idle(patience)) {
            return tl::unexpected<Error>(last_error(log));
        }
        if (round > 0) {  // The first one warms up.
            ones.push_back(median(alone));
            twos.push_back(median(both));
            ratios.push_back(twos.back() / ones.back());
        }
    }
    const double one = median(ones);
    const double two = median(twos);
    const double ratio = median(ratios);
    if (options.json) {
        const nlohmann::json result = {{"one_side_ms", one},
                                       {"two_sides_ms", two},
                                       {"ratio", ratio},
                                       {"ratios", ratios},
                                       {"b", format(wish.b)},
                                       {"frames", options.frames},
                                       {"device", model->device_name()}};
        fmt::print("{}\n", result.dump(2));
    } else {
        fmt::print(
            stderr,
            "one side {:.1f} ms a frame, two sides {:.1f} ms with their figures: {:.2f} times (median of "
            "{} rounds, {:.2f} to {:.2f})\n",
            one, two, ratio, options.rounds, *std::ranges::min_element(ratios),
            *std::ranges::max_element(ratios));
    }
    return {};
}

}  // namespace

void add_bench_compare(CLI::App& bench_command, Work& action) {
    auto* command = bench_command.add_subcommand("compare", "What a second side costs beside the first");
    const auto options = std::make_shared<Options>();
    options->scene.add_to(*command, /*required=*/false);
    options->model.add_to(*command);
    command->add_option("--b", options->b, "The second side, as in `lactscope compare`")
        ->capture_default_str();
    command->add_option("--frames", options->frames, "Timed frames of a round, with one side and with two")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    command->add_option("--rounds", options->rounds, "Rounds, alternating")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command->add_flag("--json", options->json, "Print the result as JSON to stdout");
    command->callback(
        [options, &action] { action = [options](const Job& job) { return bench(*options, job); }; });
}

}  // namespace lact::app
