// `lactscope bench compare`: the cost of a second side of a comparison on the engine thread.
#include "app/cli/bench_command.h"
#include "app/cli/checked.h"
#include "app/cli/options.h"
#include "app/platform/terminal.h"
#include "app/runtime/engine_service.h"
#include "engine/core/counted.h"
#include "engine/core/text_file.h"

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

constexpr auto idle_timeout = std::chrono::minutes(10);

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

/// Two sides, and the cameras they are rendered from.
struct Case {
    const char* name;
    CompareRequest request;
    bool on_photos = false;  ///< At the cameras of photos; otherwise beside them, as during navigation.
};

/// The cameras of one round.
struct CameraRange {
    int first = 0;
    int frames = 0;
    bool on_photos = false;
};

/// Milliseconds from the request for a camera to all of its images and metrics.
Result<std::vector<double>> time_frames(EngineService& engine, const ErrorLog& log,
                                        const CameraRange& cameras, const Job& job) {
    const auto scene = engine.latest()->scene;
    std::vector<double> times;
    for (int i = cameras.first; i < cameras.first + cameras.frames; ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        Camera camera = scene->views[static_cast<std::size_t>(i) % scene->views.size()].camera;
        camera.c2w.block<3, 1>(0, 3) *= cameras.on_photos ? 1 : 1.01;
        const auto began = std::chrono::steady_clock::now();
        engine.set_camera(camera);
        if (!engine.wait_until_idle(idle_timeout)) {
            return tl::unexpected<Error>(last_error(log));
        }
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
        times.push_back(took.count());
    }
    return times;
}

/// Medians over the rounds.
struct SideCosts {
    double one = 0;              ///< Milliseconds per frame with one side.
    double two = 0;              ///< Likewise with two.
    std::vector<double> ratios;  ///< Of each round.
};

Result<void> request_comparison(EngineService& engine, const ErrorLog& log,
                                const std::optional<CompareRequest>& request) {
    engine.compare(request);
    if (!engine.wait_until_idle(idle_timeout) || (request && !engine.latest()->pair)) {
        return tl::unexpected<Error>(last_error(log));
    }
    return {};
}

Result<SideCosts> measure_case(EngineService& engine, const ErrorLog& log, const Case& what,
                               const BenchCompareOptions& options, const Job& job) {
    std::vector<double> ones;
    std::vector<double> twos;
    SideCosts costs;
    for (int round = 0; round <= options.rounds;
         ++round) {  // Alternating, so that drifts of the clock rate affect both.
        const CameraRange cameras{round * options.frames, options.frames, what.on_photos};
        LACT_TRY(const auto alone, time_frames(engine, log, cameras, job));
        LACT_CHECK(request_comparison(engine, log, what.request));
        LACT_TRY(const auto both, time_frames(engine, log, cameras, job));
        LACT_CHECK(request_comparison(engine, log, std::nullopt));
        if (round > 0) {  // The first round warms up.
            ones.push_back(median(alone));
            twos.push_back(median(both));
            costs.ratios.push_back(twos.back() / ones.back());
        }
    }
    costs.one = median(ones);
    costs.two = median(twos);
    return costs;
}

nlohmann::json to_json(const Case& what, const SideCosts& costs) {
    return {{"case", what.name},        {"a", format(what.request.a)}, {"b", format(what.request.b)},
            {"one_side_ms", costs.one}, {"two_sides_ms", costs.two},   {"ratio", median(costs.ratios)},
            {"ratios", costs.ratios}};
}

void print_case(const Case& what, const SideCosts& costs) {
    print_err(
        "{}: one side {:.1f} ms per frame, two sides {:.1f} ms with their metrics: {:.2f} times "
        "(median of {}, {:.2f} to {:.2f})\n",
        what.name, costs.one, costs.two, median(costs.ratios), counted(costs.ratios.size(), "round"),
        *std::ranges::min_element(costs.ratios), *std::ranges::max_element(costs.ratios));
}

Result<void> bench_compare(const BenchCompareOptions& options, const Job& job) {
    CompareRequest sides;
    LACT_TRY(sides.b, parse_side_spec(options.b));
    CompareRequest neither = sides;
    LACT_TRY(neither.a, parse_side_spec(options.a));
    LACT_TRY(const ComputeOptions compute, options.model.compute());
    LACT_TRY(const SceneRequest request, options.scene.request());
    LACT_TRY(const auto model, open_model(options.model));  // finds the weights and checks that they load
    ErrorLog log;
    JobRegistry jobs;
    EngineService engine(compute, log, jobs);
    engine.open_weights(model->path());
    engine.open_scene(request);
    LACT_TRY(const UpdateRule rule, chosen_rule(options.model, *model));
    engine.set_rule(rule);
    if (!engine.wait_until_idle(idle_timeout) || !engine.latest()->frame) {
        return tl::unexpected<Error>(last_error(log));
    }
    nlohmann::json cases = nlohmann::json::array();
    for (const Case& what : {Case{"A is what is open", sides}, Case{"neither side is what is open", neither},
                             Case{"on a photo", sides, true}}) {
        LACT_TRY(const SideCosts costs, measure_case(engine, log, what, options, job));
        cases.push_back(to_json(what, costs));
        if (!options.json) {
            print_case(what, costs);
        }
    }
    if (options.json) {
        const nlohmann::json result = {
            {"cases", cases}, {"frames", options.frames}, {"device", model->device_name()}};
        print_out("{}\n", dump_json(result, 2));
    }
    return {};
}

}  // namespace

void add_bench_compare(CLI::App& bench_command, CommandAction& action) {
    auto* command =
        bench_command.add_subcommand("compare", "Time a comparison against rendering one side alone");
    const auto options = std::make_shared<BenchCompareOptions>();
    options->scene.add_to(*command, /*required=*/false);
    options->model.add_to(*command);
    command->add_option("--a", options->a, "Side A in the case where neither side is the open model")
        ->check(side_validator())
        ->capture_default_str();
    command->add_option("--b", options->b, "Side B, as in lactscope compare")
        ->check(side_validator())
        ->capture_default_str();
    command->add_option("--frames", options->frames, "Timed frames per round, with one side and with two")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    command->add_option("--rounds", options->rounds, "Number of alternating rounds")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    add_json_flag(*command, options->json);
    command->callback(
        [options, &action] { action = [options](const Job& job) { return bench_compare(*options, job); }; });
}

}  // namespace lact::app
