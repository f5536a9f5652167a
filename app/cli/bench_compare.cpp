// `lactscope bench compare`: what a second side costs the engine thread.
#include "app/cli/options.h"
#include "app/cli/program.h"
#include "app/runtime/engine_service.h"

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

struct BenchCompareOptions {
    ModelOptions model;
    SceneOptions scene;
    std::string a = "rule=mse";
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

/// Two sides, and where one stands.
struct Case {
    const char* name;
    CompareRequest request;
    bool on_photos = false;  ///< Else where no photo was taken, as in flight.
};

/// Cameras of a round.
struct RayInterval {
    int first = 0;
    int frames = 0;
    bool on_photos = false;
};

/// Milliseconds from asking for a camera to all of its pictures and figures.
Result<std::vector<double>> time_frames(EngineService& engine, const ErrorLog& log,
                                        const RayInterval& stretch, const Job& job) {
    const auto scene = engine.snapshot().scene;
    std::vector<double> times;
    for (int i = stretch.first; i < stretch.first + stretch.frames; ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        Camera camera = scene->views[static_cast<std::size_t>(i) % scene->views.size()].camera;
        camera.c2w.block<3, 1>(0, 3) *= stretch.on_photos ? 1 : 1.01;
        const auto began = std::chrono::steady_clock::now();
        engine.set_camera(camera);
        if (!engine.wait_until_idle(patience)) {
            return tl::unexpected<Error>(last_error(log));
        }
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
        times.push_back(took.count());
    }
    return times;
}

/// Medians of the rounds.
struct Figures {
    double one = 0;
    double two = 0;
    std::vector<double> ratios;
};

Result<void> compare(EngineService& engine, const ErrorLog& log,
                     const std::optional<CompareRequest>& request) {
    engine.compare(request);
    if (!engine.wait_until_idle(patience) || (request && !engine.snapshot().pair)) {
        return tl::unexpected<Error>(last_error(log));
    }
    return {};
}

Result<Figures> measure(EngineService& engine, const ErrorLog& log, const Case& what,
                        const BenchCompareOptions& options, const Job& job) {
    std::vector<double> ones;
    std::vector<double> twos;
    Figures figures;
    for (int round = 0; round <= options.rounds; ++round) {  // Alternating: the machine's mood meets both.
        const RayInterval stretch{round * options.frames, options.frames, what.on_photos};
        LACT_TRY(const auto alone, time_frames(engine, log, stretch, job));
        LACT_CHECK(compare(engine, log, what.request));
        LACT_TRY(const auto both, time_frames(engine, log, stretch, job));
        LACT_CHECK(compare(engine, log, std::nullopt));
        if (round > 0) {  // The first one warms up.
            ones.push_back(median(alone));
            twos.push_back(median(both));
            figures.ratios.push_back(twos.back() / ones.back());
        }
    }
    figures.one = median(ones);
    figures.two = median(twos);
    return figures;
}

nlohmann::json to_json(const Case& what, const Figures& figures) {
    return {{"case", what.name},          {"a", format(what.request.a)}, {"b", format(what.request.b)},
            {"one_side_ms", figures.one}, {"two_sides_ms", figures.two}, {"ratio", median(figures.ratios)},
            {"ratios", figures.ratios}};
}

void print(const Case& what, const Figures& figures) {
    fmt::print(stderr,
               "{}: one side {:.1f} ms a frame, two sides {:.1f} ms with their figures: {:.2f} times (median "
               "of {} rounds, {:.2f} to {:.2f})\n",
               what.name, figures.one, figures.two, median(figures.ratios), figures.ratios.size(),
               *std::ranges::min_element(figures.ratios), *std::ranges::max_element(figures.ratios));
}

Result<void> bench(const BenchCompareOptions& options, const Job& job) {
    CompareRequest sides;
    LACT_TRY(sides.b, parse_side_spec(options.b));
    CompareRequest neither = sides;
    LACT_TRY(neither.a, parse_side_spec(options.a));
    LACT_TRY(const Precision precision, parse_precision(options.model.precision));
    LACT_TRY(const SceneRequest request, options.scene.request());
    LACT_TRY(const auto model, open_model(options.model));  // where the weights are, and whether they load
    ErrorLog log;
    JobRegistry jobs;
    EngineService engine({options.model.device, precision, options.model.threads}, log, jobs);
    engine.open_weights(model->path());
    engine.open_scene(request);
    if (!engine.wait_until_idle(patience) || !engine.snapshot().frame) {
        return tl::unexpected<Error>(last_error(log));
    }
    nlohmann::json cases = nlohmann::json::array();
    for (const Case& what : {Case{"A is what is open", sides}, Case{"neither side is what is open", neither},
                             Case{"on a photo", sides, true}}) {
        LACT_TRY(const Figures figures, measure(engine, log, what, options, job));
        cases.push_back(to_json(what, figures));
        if (!options.json) {
            print(what, figures);
        }
    }
    if (options.json) {
        const nlohmann::json result = {
            {"cases", cases}, {"frames", options.frames}, {"device", model->device_name()}};
        fmt::print("{}\n", result.dump(2));
    }
    return {};
}

}  // namespace

void add_bench_compare(CLI::App& bench_command, Work& action) {
    auto* command = bench_command.add_subcommand("compare", "What a second side costs beside the first");
    const auto options = std::make_shared<BenchCompareOptions>();
    options->scene.add_to(*command, /*required=*/false);
    options->model.add_to(*command);
    command->add_option("--a", options->a, "The first side, where neither is what is open")
        ->capture_default_str();
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
