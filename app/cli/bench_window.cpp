#include "app/cli/bench_window.h"

#include "app/application/application.h"
#include "app/cli/program.h"
#include "app/gfx/display.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

struct BenchWindowOptions {
    std::string scene, device = "auto";
    int views = 60;
    bool graphics = false;
    int width = 1280;
    int height = 800;
    bool json = false;
};

/// Times of the views of one flight, in milliseconds.
struct Flight {
    double engine = 0;     ///< Median time the engine took for a view.
    double wall = 0;       ///< Median time from one view to the next, the interface's work included.
    double interface = 0;  ///< Median time of a frame of the interface, while the engine works.
};

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Turns the camera view after view, each after the picture of the last one.
Result<Flight> fly(Application& program, gfx::Display& display, int views, const Job& job) {
    std::vector<double> engine;
    std::vector<double> wall;
    std::vector<double> interface;
    double last = seconds();
    for (int i = 0; i < views; ++i) {
        const auto shown = program.snapshot()->frame;
        LACT_CHECK(program.commands().run("camera.turn", {{"yaw", 3}}));
        while (program.snapshot()->frame == shown) {
            if (job.stopped()) {
                return cancelled();
            }
            const double began = seconds();
            LACT_TRY(const bool drew, program.shell().frame());
            if (drew) {
                interface.push_back(1e3 * (seconds() - began));
            }
            (void)display.wait(0.002);
        }
        engine.push_back(program.snapshot()->frame->milliseconds);
        wall.push_back(1e3 * (seconds() - last));
        last = seconds();
    }
    return Flight{median(engine), median(wall), interface.empty() ? 0 : median(interface)};
}

Result<void> bench_window(const BenchWindowOptions& options, const Job& job) {
    gfx::DisplayOptions display_options;
    display_options.width = options.width;
    display_options.height = options.height;
    std::unique_ptr<gfx::Display> display;
    if (options.graphics) {
        LACT_TRY(display, gfx::make_offscreen(display_options));
    } else {
        display = gfx::make_null(display_options);
    }
    ApplicationOptions window_options;
    window_options.compute.device = options.device;
    if (!options.scene.empty()) {
        window_options.paths.emplace_back(options.scene);
    }
    LACT_TRY(const auto program, Application::create(*display, std::move(window_options)));
    LACT_CHECK(program->settle(120, job.stop));
    std::vector<std::string> closed;
    for (const Panel& panel : program->shell().panels()) {
        if (panel.title != "View") {
            closed.push_back(panel.title);
        }
    }
    const auto show_all = [&](bool open) {
        for (const std::string& panel : closed) {
            program->shell().show_panel(panel, open);
        }
        return program->settle(120, job.stop);
    };
    program->shell().spread_panels();
    Flight best[2] = {{1e9, 1e9, 1e9}, {1e9, 1e9, 1e9}};
    for (int round = 0; round < 3; ++round) {  // Alternating: the machine's mood meets both.
        for (const bool open : {false, true}) {
            LACT_CHECK(show_all(open));
            LACT_TRY(const Flight flight, fly(*program, *display, options.views, job));
            best[open].engine = std::min(best[open].engine, flight.engine);
            best[open].wall = std::min(best[open].wall, flight.wall);
            best[open].interface = std::min(best[open].interface, flight.interface);
        }
    }
    const auto [alone, all] = std::pair{best[0], best[1]};
    if (options.json) {
        fmt::print("{}\n", nlohmann::json{{"engine_ms_view_alone", alone.engine},
                                          {"engine_ms_all_panels", all.engine},
                                          {"wall_ms_view_alone", alone.wall},
                                          {"wall_ms_all_panels", all.wall},
                                          {"interface_ms_view_alone", alone.interface},
                                          {"interface_ms_all_panels", all.interface},
                                          {"graphics", options.graphics},
                                          {"engine_ratio", all.engine / alone.engine},
                                          {"wall_ratio", all.wall / alone.wall},
                                          {"views", options.views},
                                          {"device", program->snapshot()->weights->device}}
                               .dump(2));
    } else {
        fmt::print(
            stderr,
            "{} views each, medians, best of three rounds, {}, {}:\n"
            "the view alone   engine {:.1f} ms a view, {:.1f} ms from view to view, interface {:.1f} ms a "
            "frame\n"
            "all panels open  engine {:.1f} ms ({:.2f} times), {:.1f} ms ({:.2f} times), interface {:.1f} "
            "ms a frame\n",
            options.views, options.graphics ? "drawn off screen" : "null display",
            program->snapshot()->weights->device, alone.engine, alone.wall, alone.interface, all.engine,
            all.engine / alone.engine, all.wall, all.wall / alone.wall, all.interface);
    }
    return {};
}

}  // namespace

void add_bench_window(CLI::App& bench, Work& action) {
    auto* command = bench.add_subcommand("window", "What all panels cost while the camera moves");
    const auto options = std::make_shared<BenchWindowOptions>();
    command->add_option("--scene", options->scene, "Scene folder (default: bundled)");
    command->add_option("--device", options->device, "auto, cpu, cuda or cuda:i")->capture_default_str();
    command->add_option("--views", options->views, "Views of a flight")->capture_default_str();
    command->add_flag("--graphics", options->graphics, "Draw, off screen, instead of only laying panels out");
    command->add_option("--width", options->width, "Of the window, in pixels")->capture_default_str();
    command->add_option("--height", options->height, "Of the window, in pixels")->capture_default_str();
    command->add_flag("--json", options->json, "Print the result as JSON to stdout");
    command->callback(
        [options, &action] { action = [options](const Job& job) { return bench_window(*options, job); }; });
}

}  // namespace lact::app
