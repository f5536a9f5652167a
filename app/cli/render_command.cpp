#include "app/cli/film.h"
#include "app/cli/options.h"
#include "app/cli/program.h"
#include "app/commands/path_controller.h"
#include "engine/scene/camera_path.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace lact::app {
namespace {

struct RenderOptions {
    ModelOptions model;
    SceneOptions scene;
    VideoOptions video;
    std::string path = "orbit";
    std::string filter = "bicubic";
    std::string output;
    int frames = 0;  ///< 0: as long as a file's path is, else usual_frames.
};

constexpr int usual_frames = 120;
constexpr int most_frames = 1000000;

/// The cameras of a file's path, as the window flies it.
Result<std::vector<Camera>> cameras_of_file(const RenderOptions& options, const Opened& opened,
                                            const Job& job) {
    LACT_TRY(const TrackImportOptions import_options,
             track_import_options(options.scene.scene, opened.scene.set->poses));
    LACT_TRY(const TrackImport import, import_camera_track(options.path, import_options));
    for (const std::string& note : import.notes) {
        job.say(note);
    }
    LACT_TRY(const TrackEvaluator track, TrackEvaluator::make(import.track));
    const double last = track.duration() * options.video.fps;
    const int frames =
        options.frames > 0 ? options.frames : static_cast<int>(std::lround(last)) + (track.closed() ? 0 : 1);
    return video_cameras(track, std::clamp(frames, 1, most_frames), opened.scene.set->size);
}

Result<std::vector<Camera>> cameras_of(const RenderOptions& options, const Opened& opened, const Job& job) {
    if (std::error_code none; std::filesystem::is_regular_file(options.path, none)) {
        return cameras_of_file(options, opened, job);
    }
    LACT_TRY(const PathKind kind, parse_path_kind(options.path));
    std::vector<Camera> cameras;
    for (const PreparedView& view : opened.scene.input_views()) {
        cameras.push_back(view.camera);
    }
    return make_path(kind, cameras, options.frames > 0 ? options.frames : usual_frames,
                     opened.scene.set->size);
}

Result<void> render(const RenderOptions& options, const Job& job) {
    VideoOptions video = options.video;
    LACT_TRY(video.filter, parse_enlarge_filter(options.filter));
    LACT_TRY(Opened opened, open(options.model, options.scene, job, /*with_targets=*/false));
    LACT_TRY(const auto path, cameras_of(options, opened, job));
    LACT_TRY(const std::string encoder, render_video(opened, path, options.output, video, job));
    job.say(fmt::format("wrote {} ({} frames, {})", options.output, path.size(), encoder));
    return {};
}

}  // namespace

void add_render_command(CLI::App& app, Work& action) {
    auto* command =
        app.add_subcommand("render", "Render a camera path through a scene as a video or as pictures");
    const auto options = std::make_shared<RenderOptions>();
    options->scene.add_to(*command);
    options->model.add_to(*command);
    command
        ->add_option("-o,--output", options->output,
                     "A file .mp4 (H.264) or .gif, or a folder for numbered PNG pictures")
        ->required();
    command
        ->add_option(
            "--path", options->path,
            "orbit (around the object), release (the turntable of the released demo), inputs (through the "
            "input cameras), or a file with a camera path: ours, instant-ngp's or nerfstudio's JSON")
        ->check(CLI::IsMember({"orbit", "release", "inputs"}) | CLI::ExistingFile)
        ->capture_default_str();
    command
        ->add_option("--frames", options->frames,
                     "Number of frames (default: 120; of a file's path as many as its seconds have)")
        ->check(CLI::Range(1, most_frames));
    command->add_option("--fps", options->video.fps, "Frames a second")
        ->check(CLI::Range(0.01, 1000.0))
        ->capture_default_str();
    command
        ->add_option("--quality", options->video.quality, "Constant rate factor, 0 (lossless) to 51 (worst)")
        ->check(CLI::Range(0, 51))
        ->capture_default_str();
    command->add_option("--scale", options->video.scale, "Enlarge the model's pictures so many times")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command->add_option("--filter", options->filter, "How they are enlarged: nearest or bicubic")
        ->check(CLI::IsMember({"nearest", "bicubic"}))
        ->capture_default_str();
    command->callback(
        [options, &action] { action = [options](const Job& job) { return render(*options, job); }; });
}

}  // namespace lact::app
