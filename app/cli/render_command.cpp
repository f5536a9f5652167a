#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/cli/render_video.h"
#include "app/commands/path_controller.h"
#include "app/video/frame_sink.h"
#include "engine/core/counted.h"
#include "engine/scene/camera_path.h"

#include <algorithm>
#include <cmath>

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
    int frames = 0;  ///< 0: the length of the path in a file, otherwise default_frames.
};

constexpr int default_frames = 120;
constexpr int max_frames = 1000000;

/// The cameras of the path in a file, as the window plays it.
Result<std::vector<Camera>> cameras_of_file(const RenderOptions& options, const Opened& opened,
                                            const Job& job) {
    const ViewSet& set = *opened.scene.set;
    std::vector<Eigen::Matrix4d> file;
    for (const SceneView& view : set.files.views) {
        file.push_back(view.camera.c2w);
    }
    LACT_TRY(const TrackImportOptions import_options,
             track_import_options(set.files.folder, file, set.poses));
    LACT_TRY(const TrackImport import, import_camera_track(options.path, import_options));
    for (const std::string& note : import.notes) {
        job.say(note);
    }
    LACT_TRY(const TrackEvaluator track, TrackEvaluator::make(import.track));
    const double last = track.duration() * options.video.fps;
    const int frames =
        options.frames > 0 ? options.frames : static_cast<int>(std::lround(last)) + (track.closed() ? 0 : 1);
    return video_cameras(track, std::clamp(frames, 1, max_frames), opened.scene.set->size);
}

Result<std::vector<Camera>> cameras_of(const RenderOptions& options, const Opened& opened, const Job& job) {
    const auto kind = parse_path_kind(options.path);  // A file of such a name is ./orbit.
    if (!kind) {
        return cameras_of_file(options, opened, job);
    }
    std::vector<Camera> cameras;
    for (const PreparedView& view : opened.scene.input_views()) {
        cameras.push_back(view.camera);
    }
    return make_path(*kind, cameras, options.frames > 0 ? options.frames : default_frames,
                     opened.scene.set->size);
}

Result<void> render(const RenderOptions& options, const Job& job) {
    VideoOptions video = options.video;
    LACT_CHECK(check_frame_output(options.output));
    LACT_CHECK(check_frame_rate(options.output, options.video.fps));
    LACT_TRY(video.filter, parse_enlarge_filter(options.filter));
    LACT_TRY(Opened opened, open(options.model, options.scene, job, /*with_targets=*/false));
    LACT_TRY(const auto path, cameras_of(options, opened, job));
    LACT_TRY(const std::string encoder, render_video(opened, path, options.output, video, job));
    job.say(fmt::format("wrote {} ({}, {})", options.output, counted(path.size(), "frame"), encoder));
    return {};
}

}  // namespace

void add_render_command(CLI::App& app, CommandAction& action) {
    auto* command = app.add_subcommand("render", "Render a camera path through a scene to a video or images");
    const auto options = std::make_shared<RenderOptions>();
    options->scene.add_to(*command);
    options->model.add_to(*command);
    options->model.add_form_to(*command);
    command
        ->add_option("-o,--output", options->output, "MP4 (H.264) or GIF file, or a folder for numbered PNGs")
        ->required();
    command
        ->add_option(
            "--path", options->path,
            "Camera path: orbit (around the object), release (turntable of the released demo), inputs "
            "(through the input cameras), or a JSON file of LaCT Scope, instant-ngp or nerfstudio")
        ->check(CLI::IsMember({"orbit", "release", "inputs"}) | CLI::ExistingFile)
        ->capture_default_str();
    command
        ->add_option("--frames", options->frames,
                     "Number of frames (default: 120; for a path file its duration times --fps)")
        ->check(CLI::Range(1, max_frames));
    command->add_option("--fps", options->video.fps, "Frames per second")
        ->check(CLI::Range(0.01, 1000.0))
        ->capture_default_str();
    command
        ->add_option("--quality", options->video.quality,
                     "Constant rate factor of MP4, from 0 (best) to 51 (worst); colours always have half "
                     "of the resolution (4:2:0)")
        ->check(CLI::Range(0, 51))
        ->capture_default_str();
    command->add_option("--scale", options->video.scale, "Enlargement factor of the renderings")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command->add_option("--filter", options->filter, "Enlargement filter: nearest or bicubic")
        ->check(CLI::IsMember({"nearest", "bicubic"}))
        ->capture_default_str();
    command->callback(
        [options, &action] { action = [options](const Job& job) { return render(*options, job); }; });
}

}  // namespace lact::app
