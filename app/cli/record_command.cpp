#include "app/application/recorder.h"
#include "app/cli/program.h"
#include "app/gfx/display.h"
#include "engine/scene/json_field.h"
#include "engine/session/load_scene.h"

#include <cstdio>
#include <memory>
#include <stop_token>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

namespace lact::app {
namespace {

struct RecordCommandOptions {
    std::string session, script, scene, weights, path, window = "1280x800", device = "auto";
    RecordOptions record;
    bool progress = false;
};

/// The session of a file, and what other options say in place of it.
Result<SessionFile> requested_session(const RecordCommandOptions& options) {
    SessionFile session;
    if (!options.session.empty()) {
        LACT_TRY(session, load_session_file(options.session));
    }
    if (!options.scene.empty()) {
        session.scene = std::filesystem::absolute(options.scene);
        session.generated_seed.reset();
        session.viewpoint.reset();
        session.inputs.clear();
    }
    if (!options.weights.empty()) {
        session.weights = std::filesystem::absolute(options.weights);
    }
    if (!options.script.empty()) {
        LACT_TRY(session.script, parse_json_file(options.script));
    }
    return session;
}

Result<void> run_record(const RecordCommandOptions& options, const Job& job) {
    LACT_TRY(const Size size, parse_size(options.window));
    LACT_TRY(const SessionFile session, requested_session(options));
    gfx::DisplayOptions display_options;
    display_options.width = size.width;
    display_options.height = size.height;
    LACT_TRY(const auto display, gfx::make_offscreen(display_options));
    ApplicationOptions window_options;
    window_options.compute.device = options.device;
    if (!session.scene.empty() && !session.generated_seed) {
        window_options.paths.push_back(session.scene);
    }
    LACT_TRY(const auto program, Application::create(*display, std::move(window_options)));
    Job told = job;
    std::stop_source orphaned;
    const std::stop_callback stopped(job.stop, [&] { orphaned.request_stop(); });
    if (options.progress) {
        told.stop = orphaned.get_token();
        told.report = [&orphaned, parent = ::getppid()](std::string_view stage, double fraction) {
            fmt::print("progress {:.4f} {}\n", fraction, stage);
            std::fflush(stdout);
            if (::getppid() != parent) {
                orphaned.request_stop();  // Whoever wanted the film is gone.
            }
        };
    }
    RecordOptions record = options.record;
    record.path = options.path;
    LACT_TRY(const RecordedVideo video, lact::app::record(*program, session, record, told));
    for (const LogEntry& entry : program->log().after(0)) {
        if (entry.severity == Severity::warning) {
            job.say(fmt::format("{}: {}", entry.where, entry.what));
        }
    }
    job.say(fmt::format("wrote {} ({} frames of {}x{}, {})", options.record.output.string(), video.frames,
                        video.width, video.height, video.encoder));
    return {};
}

}  // namespace

void add_record_command(CLI::App& app, Work& action) {
    auto* command = app.add_subcommand(
        "record", "Record the window, or its view, exactly frame by frame, without a display");
    const auto options = std::make_shared<RecordCommandOptions>();
    command->add_option("--session", options->session, "Session file: what is open, path, layout, script")
        ->check(CLI::ExistingFile);
    command->add_option("--script", options->script, "Script over time (JSON list of steps)")
        ->check(CLI::ExistingFile);
    command->add_option("--path", options->path, "Camera path: ours, instant-ngp's or nerfstudio's JSON")
        ->check(CLI::ExistingFile);
    command->add_option("--scene", options->scene, "Scene folder in place of the session's")
        ->check(CLI::ExistingPath);
    command->add_option("--weights", options->weights, "Weight file in place of the session's")
        ->check(CLI::ExistingFile);
    command
        ->add_option("-o,--output", options->record.output,
                     "A file .mp4 (H.264) or .gif, or a folder for PNGs")
        ->required();
    command
        ->add_option("--what", options->record.what, "window, or view: the viewport alone, in the same size")
        ->check(CLI::IsMember({"window", "view"}))
        ->capture_default_str();
    command->add_option("--window", options->window, "Size of the film in pixels, WxH")
        ->check([](const std::string& text) {
            const auto size = parse_size(text);
            return size ? std::string() : size.error().message();
        })
        ->capture_default_str();
    command->add_option("--fps", options->record.fps, "Frames a second")
        ->check(CLI::Range(0.01, 1000.0))
        ->capture_default_str();
    command->add_option("--quality", options->record.quality, "MP4: constant rate factor, 0 (lossless) to 51")
        ->check(CLI::Range(0, 51))
        ->capture_default_str();
    command
        ->add_option("--from", options->record.from,
                     "Seconds of the path or script that are left out at the beginning")
        ->check(CLI::Range(0.0, longest_video));
    command
        ->add_option("--seconds", options->record.seconds,
                     "How long from there (default: until path and script have ended)")
        ->check(CLI::Range(0.0, longest_video));
    command->add_option("--device", options->device, "auto, cpu, cuda or cuda:i")->capture_default_str();
    command->add_flag("--progress", options->progress, "Print lines 'progress FRACTION STAGE' to stdout");
    command->callback(
        [options, &action] { action = [options](const Job& job) { return run_record(*options, job); }; });
}

}  // namespace lact::app
