#include "app/application/application.h"
#include "app/cli/bench_command.h"
#include "app/cli/options.h"
#include "app/gfx/display.h"
#include "app/platform/assets.h"
#include "app/platform/terminal.h"
#include "engine/core/counted.h"
#include "engine/core/text_file.h"

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

/// Times of one pass of the camera, in milliseconds.
struct PassTimes {
    double engine = 0;     ///< Median time of the engine per view.
    double wall = 0;       ///< Median time from one view to the next, with the work of the interface.
    double interface = 0;  ///< Median time of a frame of the interface while the engine works.
};

/// Turns the camera view by view; each step waits for the rendering of the previous one.
Result<PassTimes> time_pass(Application& program, gfx::Display& display, int views, const Job& job) {
    std::vector<double> engine;
    std::vector<double> wall;
    std::vector<double> interface;
    double last = steady_seconds();
    for (int i = 0; i < views; ++i) {
        const auto shown = program.snapshot()->frame;
        LACT_CHECK(program.commands().run(TurnCamera{.yaw = 3, .pitch = {}}));
        while (program.snapshot()->frame == shown) {
            if (job.stopped()) {
                return cancelled();
            }
            LACT_CHECK(program.first_error());  // The rendering may never come.
            const double began = steady_seconds();
            LACT_TRY(const bool drew, program.shell().frame());
            if (drew) {
                interface.push_back(1e3 * (steady_seconds() - began));
            }
            (void)display.wait(0.002);
        }
        engine.push_back(program.snapshot()->frame->milliseconds);
        wall.push_back(1e3 * (steady_seconds() - last));
        last = steady_seconds();
    }
    return PassTimes{median(engine), median(wall), interface.empty() ? 0 : median(interface)};
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
    LACT_CHECK(program->first_error());
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
    PassTimes best[2] = {{1e9, 1e9, 1e9}, {1e9, 1e9, 1e9}};
    for (int round = 0; round < 3; ++round) {  // Alternating, so that drifts of the clock rate affect both.
        for (const bool open : {false, true}) {
            LACT_CHECK(show_all(open));
            LACT_TRY(const PassTimes pass, time_pass(*program, *display, options.views, job));
            best[open].engine = std::min(best[open].engine, pass.engine);
            best[open].wall = std::min(best[open].wall, pass.wall);
            best[open].interface = std::min(best[open].interface, pass.interface);
        }
    }
    const auto [alone, all] = std::pair{best[0], best[1]};
    if (options.json) {
        print_out("{}\n", dump_json(nlohmann::json{{"engine_ms_view_alone", alone.engine},
                                                   {"engine_ms_all_panels", all.engine},
                                                   {"wall_ms_view_alone", alone.wall},
                                                   {"wall_ms_all_panels", all.wall},
                                                   {"interface_ms_view_alone", alone.interface},
                                                   {"interface_ms_all_panels", all.interface},
                                                   {"graphics", options.graphics},
                                                   {"engine_ratio", all.engine / alone.engine},
                                                   {"wall_ratio", all.wall / alone.wall},
                                                   {"views", options.views},
                                                   {"scene", program->snapshot()->scene->name},
                                                   {"device", program->snapshot()->weights->device}},
                                    2));
    } else {
        print_err(
            "{} each, medians, best of three rounds, {}, {}:\n"
            "view alone       engine {:.1f} ms per view, {:.1f} ms from view to view, interface {:.1f} ms "
            "per "
            "frame\n"
            "all panels open  engine {:.1f} ms ({:.2f} times), {:.1f} ms ({:.2f} times), interface {:.1f} "
            "ms per frame\n",
            counted(options.views, "view"), options.graphics ? "drawn off screen" : "null display",
            program->snapshot()->weights->device, alone.engine, alone.wall, alone.interface, all.engine,
            all.engine / alone.engine, all.wall, all.wall / alone.wall, all.interface);
    }
    return {};
}

}  // namespace

void add_bench_window(CLI::App& bench, CommandAction& action) {
    auto* command =
        bench.add_subcommand("window", "Time a moving camera with the view alone and with all panels open");
    const auto options = std::make_shared<BenchWindowOptions>();
    command
        ->add_option("--scene", options->scene,
                     fmt::format("Scene folder (default: the bundled {})", bundled_scenes().front().name))
        ->check(CLI::ExistingPath);
    add_device_option(*command, options->device);
    command->add_option("--views", options->views, "Views per pass")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    command->add_flag("--graphics", options->graphics,
                      "Draw off screen instead of only computing the layout");
    command->add_option("--width", options->width, "Window width in pixels")
        ->check(CLI::Range(1, 16384))
        ->capture_default_str();
    command->add_option("--height", options->height, "Window height in pixels")
        ->check(CLI::Range(1, 16384))
        ->capture_default_str();
    add_json_flag(*command, options->json);
    command->callback(
        [options, &action] { action = [options](const Job& job) { return bench_window(*options, job); }; });
}

}  // namespace lact::app
