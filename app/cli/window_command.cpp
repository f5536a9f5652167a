#include "app/application/application.h"
#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/gfx/display.h"
#include "app/platform/assets.h"
#include "app/platform/settings.h"
#include "app/runtime/engine_service.h"
#include "engine/core/output_path.h"
#include "engine/session/load_scene.h"

#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace lact::app {
namespace {

constexpr const char* default_window_size = "1280x800";

struct WindowOptions {
    std::vector<std::string> paths;
    std::string screenshot, script, window, device = "auto", display = "auto";
    std::string precision = automatic_precision;
    bool reset = false;
    bool allow_writes = false;
    bool overwrite = false;
};

/// A window; for a screenshot, an offscreen image.
Result<std::unique_ptr<gfx::Display>> open_display(const WindowOptions& options, Size size, const Job& job) {
    gfx::DisplayOptions display;
    display.width = size.width;
    display.height = size.height;
    if (options.display == "null") {
        return gfx::make_null(display);
    }
    const bool offscreen = options.display == "offscreen" || !options.screenshot.empty();
    if (offscreen && options.display != "window") {
        return gfx::make_offscreen(display);
    }
    auto opened = gfx::open_window(display);
    if (!opened) {
        job.say(opened.error().message());
    }
    return opened;
}

Result<void> run_window(const WindowOptions& options, const Job& job) {
    LACT_TRY(const Size size, parse_size(options.window.empty() ? default_window_size : options.window));
    if (options.overwrite && options.script.empty() && !options.allow_writes) {
        return fail("--overwrite", "has no effect without a script that may write",
                    "Add --script or --allow-writes, or leave it out.");
    }
    if (!options.screenshot.empty()) {
        LACT_CHECK(check_output_file(options.screenshot));
        if (options.display == "null") {
            return fail("--screenshot", "needs graphics, which --display null has not",
                        "Leave out --display, or use offscreen.");
        }
    }
    ApplicationOptions window_options;
    window_options.restore_size = options.window.empty();
    window_options.compute.device = options.device;
    LACT_TRY(window_options.compute.precision, parse_requested_precision(options.precision));
    window_options.allow_writes = options.allow_writes;
    window_options.overwrite = options.overwrite;
    for (const std::string& path : options.paths) {
        window_options.paths.emplace_back(path);
    }
    if (!options.script.empty()) {
        window_options.script = options.script;
    }
    if (!options.screenshot.empty()) {
        window_options.screenshot = options.screenshot;
    } else if (auto folder = settings_folder(); folder) {
        window_options.settings_folder = *folder;
        if (options.reset) {
            LACT_CHECK(reset_settings(*folder));
        }
    } else {
        job.say("warning: " + folder.error().message());
    }
    auto display = open_display(options, size, job);
    if (!display) {
        if (!options.screenshot.empty()) {
            return tl::unexpected<Error>(display.error());
        }
        if (!options.paths.empty() || !options.script.empty()) {
            return fail(
                "the window", "cannot be opened, and what to open in it is given",
                "`lactscope demo SCENE` renders a scene to files, `lactscope --screenshot FILE.png` the "
                "window, and `lactscope record` a script, all without a display.");
        }
        job.say("No window can be opened; rendering the demo to files instead.");
        return run_demo(bundled_scenes().front().name, "out/demo", job);
    }
    window_options.user =
        options.screenshot.empty() && options.display != "null" && options.display != "offscreen";
    window_options.compute.threads =
        engine_threads_beside_window(std::thread::hardware_concurrency(), (*display)->info().software);
    LACT_TRY(const auto program, Application::create(**display, std::move(window_options)));
    LACT_CHECK(program->run(job.stop));
    if (!options.screenshot.empty()) {
        job.say("wrote " + options.screenshot);
    }
    return {};
}

/// Throws a usage error where an option of the window stands before a command, which would not see it.
void refuse_window_options(const CLI::App& app) {
    for (const CLI::Option* option : app.get_options()) {
        if (option->count() > 0) {
            throw CLI::ValidationError(
                option->get_name(),
                fmt::format("is of the window and has no effect before '{}'; options of a command follow it",
                            app.get_subcommands().front()->get_name()));
        }
    }
}

}  // namespace

void add_window_options(CLI::App& app, CommandAction& action) {
    const auto options = std::make_shared<WindowOptions>();
    app.add_option("path", options->paths,
                   "Scene folders, weight files and scripts to open in the window, in any order")
        ->check(CLI::ExistingPath);
    app.add_option(
        "--screenshot", options->screenshot,
        "Open everything, run the script, wait until idle, save the window as this PNG file and exit");
    app.add_option("--script", options->script, "Script to run in the window (JSON list of actions)")
        ->check(CLI::ExistingFile);
    app.add_option("--window-size,--window", options->window,
                   fmt::format("Window size in pixels, WxH (default: that of the last run, {} at first)",
                               default_window_size))
        ->check([](const std::string& text) {
            const auto size = parse_size(text);
            return size ? std::string() : size.error().message();
        });
    add_device_option(app, options->device);
    add_precision_option(app, options->precision);
    app.add_option("--display", options->display,
                   "Display: auto, window, offscreen (no window) or null (no graphics)")
        ->check(CLI::IsMember({"auto", "window", "offscreen", "null"}))
        ->capture_default_str();
    app.add_flag("--allow-writes", options->allow_writes,
                 "Scripts inside opened files may write new files, open others and start programs, without a "
                 "question");
    app.add_flag(
        "--overwrite", options->overwrite,
        "The script of --script may replace files; with --allow-writes, those inside opened files, too");
    app.add_flag("--reset", options->reset, "Reset settings and layout first (a screenshot uses none)");
    app.callback([options, &action, &app] {
        if (app.get_subcommands().empty()) {
            action = [options](const Job& job) { return run_window(*options, job); };
        } else {
            refuse_window_options(app);
        }
    });
}

}  // namespace lact::app
