#include "app/application/recorder.h"
#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/gfx/display.h"
#include "app/platform/terminal.h"
#include "app/video/frame_sink.h"
#include "engine/core/counted.h"
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
    std::string session, script, scene, weights, path, window = "1280x800", device = "auto",
                                                       precision = automatic_precision;
    RecordOptions record;
    bool progress = false;
    bool allow_opens = false;
    bool allow_writes = false;
    bool overwrite = false;

    /// Of the script: that of a session may only show unless more is allowed; that of --script was given for
    /// this.
    [[nodiscard]] ScriptRights rights() const {
        if (overwrite && (allow_writes || !script.empty())) {
            return ScriptRights::all;
        }
        return allow_writes || !script.empty() ? ScriptRights::new_files
               : allow_opens                   ? ScriptRights::opens
                                               : ScriptRights::shows;
    }
};

/// The session of the file with the overrides of the other options.
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
        session.weights_sha256.clear();  // of the weights that these replace
    }
    if (!options.script.empty()) {
        LACT_TRY(session.script, parse_json_file(options.script));
        if (!session.script.is_array() || session.script.empty()) {
            return fail(options.script, "is no list of steps", "docs/scripting.md describes scripts.");
        }
    }
    return session;
}

Result<void> run_record(const RecordCommandOptions& options, const Job& job) {
    LACT_TRY(const Size size, parse_size(options.window));
    if (options.record.labels && options.record.what != "view") {
        return fail("--labels", "is for --what view; a recorded window has its captions as it shows them",
                    "Add --what view, or leave it out.");
    }
    if (options.overwrite && options.script.empty() && !options.allow_writes) {
        return fail("--overwrite", "has no effect on the script of a session, which may not write",
                    "Add --allow-writes, or leave it out.");
    }
    LACT_CHECK(check_frame_output(options.record.output));
    LACT_TRY(const SessionFile session, requested_session(options));
    gfx::DisplayOptions display_options;
    display_options.width = size.width;
    display_options.height = size.height;
    LACT_TRY(const auto display, gfx::make_offscreen(display_options));
    ApplicationOptions window_options;
    window_options.compute.device = options.device;
    LACT_TRY(window_options.compute.precision, parse_requested_precision(options.precision));
    if (!session.scene.empty() && !session.generated_seed) {
        window_options.paths.push_back(session.scene);
    }
    LACT_TRY(const auto program, Application::create(*display, std::move(window_options)));
    Job progress_job = job;
    std::stop_source orphaned;
    const std::stop_callback stopped(job.stop, [&] { orphaned.request_stop(); });
    if (options.progress) {
        progress_job.stop = orphaned.get_token();
        progress_job.report = [&orphaned, parent = ::getppid()](std::string_view stage, double fraction) {
            print_out("progress {:.4f} {}\n", fraction, stage);
            std::fflush(stdout);
            if (::getppid() != parent) {
                orphaned.request_stop();  // The process that reads the progress has ended.
            }
        };
    }
    RecordOptions record = options.record;
    record.path = options.path;
    record.rights = options.rights();
    if (!options.script.empty()) {
        record.script_name = options.script;
    }
    LACT_TRY(const RecordedVideo video, lact::app::record(*program, session, record, progress_job));
    for (const LogEntry& entry : program->log().after(0)) {
        if (entry.severity == Severity::warning) {
            job.say(fmt::format("warning: {}: {}", entry.where, entry.what));
        }
    }
    job.say(fmt::format("wrote {} ({} of {}x{}, {})", options.record.output.string(),
                        counted(video.frames, "frame"), video.width, video.height, video.encoder));
    return {};
}

}  // namespace

void add_record_command(CLI::App& app, CommandAction& action) {
    auto* command = app.add_subcommand(
        "record", "Record the window or its view to a video, frame by frame and without a display");
    const auto options = std::make_shared<RecordCommandOptions>();
    command
        ->add_option("--session", options->session,
                     "Session file (open scene and weights, camera path, layout, script)")
        ->check(CLI::ExistingFile);
    command
        ->add_option("--script", options->script, "Script to run during the recording (JSON list of steps)")
        ->check(CLI::ExistingFile);
    command->add_flag("--allow-opens", options->allow_opens, "The session's script may open other files");
    command->add_flag("--allow-writes", options->allow_writes,
                      "The session's script may also write new files and start programs");
    command->add_flag("--overwrite", options->overwrite,
                      "The script of --script may replace files; with --allow-writes, the session's, too");
    command->add_option("--path", options->path, "Camera path: JSON of LaCT Scope, instant-ngp or nerfstudio")
        ->check(CLI::ExistingFile);
    command->add_option("--scene", options->scene, "Scene folder, instead of the session's")
        ->check(CLI::ExistingPath);
    command->add_option("--weights", options->weights, "Weight file, instead of the session's")
        ->check(CLI::ExistingFile);
    command
        ->add_option("-o,--output", options->record.output,
                     "MP4 (H.264) or GIF file, or a folder for numbered PNGs")
        ->required();
    command
        ->add_option("--what", options->record.what,
                     "Content: window, or view (the rendering alone, in this size but for bars beside it)")
        ->check(CLI::IsMember({"window", "view"}))
        ->capture_default_str();
    command->add_flag(
        "--labels", options->record.labels,
        "With --what view: also its captions, the photo in the corner, and bars beside the image");
    command->add_option("--size,--window", options->window, "Size of the video in pixels, WxH")
        ->check([](const std::string& text) {
            const auto size = parse_size(text);
            return size ? std::string() : size.error().message();
        })
        ->capture_default_str();
    command->add_option("--fps", options->record.fps, "Frames per second")
        ->check(CLI::Range(0.01, 1000.0))
        ->capture_default_str();
    command
        ->add_option("--quality", options->record.quality,
                     "Constant rate factor of MP4, from 0 (best) to 51 (worst); colours always have half "
                     "of the resolution (4:2:0)")
        ->check(CLI::Range(0, 51))
        ->capture_default_str();
    command
        ->add_option("--from", options->record.from,
                     "Start time on the path and script, in seconds (default: 0)")
        ->check(CLI::Range(0.0, longest_video));
    command
        ->add_option("--seconds", options->record.seconds,
                     "Duration in seconds (default: to the end of path and script)")
        ->check(CLI::Range(0.0, longest_video));
    add_device_option(*command, options->device);
    add_precision_option(*command, options->precision);
    command->add_flag("--progress", options->progress, "Print lines 'progress FRACTION STAGE' to stdout");
    command->callback(
        [options, &action] { action = [options](const Job& job) { return run_record(*options, job); }; });
}

}  // namespace lact::app
