// `lactscope bench compare`: what a second side costs the engine thread.
#include "app/cli/options.h"
#include "app/cli/program.h"
#include "app/core/engine_thread.h"

#include <algorithm>
#include <chrono>
#include <memory>
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
    int frames = 40;
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

/// Median milliseconds from asking for a camera to its picture.
Result<double> frame_time(EngineThread& engine, const ErrorLog& log, int frames, const Job& job) {
    std::vector<double> times;
    const auto scene = engine.published().scene;
    for (int i = 0; i < frames; ++i) {
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
    std::nth_element(times.begin(), times.begin() + frames / 2, times.end());
    return times[static_cast<std::size_t>(frames / 2)];
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
    LACT_CHECK(frame_time(engine, log, 5, job));  // warm
    LACT_TRY(const double one, frame_time(engine, log, options.frames, job));
    engine.compare(wish);
    if (!engine.wait_until_idle(patience) || !engine.published().pair) {
        return tl::unexpected<Error>(last_error(log));
    }
    LACT_TRY(const double two, frame_time(engine, log, options.frames, job));
    if (options.json) {
        const nlohmann::json result = {{"one_side_ms", one},       {"two_sides_ms", two},
                                       {"ratio", two / one},       {"b", format(wish.b)},
                                       {"frames", options.frames}, {"device", model->device_name()}};
        fmt::print("{}\n", result.dump(2));
    } else {
        fmt::print(stderr,
                   "one side {:.1f} ms a frame, two sides {:.1f} ms with their figures: {:.2f} times\n", one,
                   two, two / one);
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
    command->add_option("--frames", options->frames, "Timed frames")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    command->add_flag("--json", options->json, "Print the result as JSON to stdout");
    command->callback(
        [options, &action] { action = [options](const Job& job) { return bench(*options, job); }; });
}

}  // namespace lact::app
