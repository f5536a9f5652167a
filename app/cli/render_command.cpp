#include "app/cli/film.h"
#include "app/cli/options.h"
#include "app/cli/program.h"
#include "engine/scene/camera_path.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace lact::app {
namespace {

struct Options {
    ModelOptions model;
    SceneOptions scene;
    FilmOptions film;
    std::string path = "orbit";
    std::string filter = "bicubic";
    std::string output;
    int frames = 120;
};

Result<void> render(const Options& options, const Job& job) {
    LACT_TRY(const PathKind kind, parse_path_kind(options.path));
    FilmOptions film = options.film;
    LACT_TRY(film.filter, parse_enlarge_filter(options.filter));
    LACT_TRY(Opened opened, open(options.model, options.scene, job, /*with_targets=*/false));
    std::vector<Camera> cameras;
    for (const PreparedView& view : opened.scene.inputs) {
        cameras.push_back(view.camera);
    }
    const auto path = make_path(kind, cameras, options.frames, opened.scene.size);
    LACT_TRY(const std::string encoder, render_film(opened, path, options.output, film, job));
    job.say(fmt::format("wrote {} ({} frames, {})", options.output, path.size(), encoder));
    return {};
}

}  // namespace

void add_render_command(CLI::App& app, Work& action) {
    auto* command =
        app.add_subcommand("render", "Render a camera path through a scene as a video or as pictures");
    const auto options = std::make_shared<Options>();
    options->scene.add_to(*command);
    options->model.add_to(*command);
    command
        ->add_option("-o,--output", options->output,
                     "A file .mp4 (H.264) or .gif, or a folder for numbered PNG pictures")
        ->required();
    command
        ->add_option(
            "--path", options->path,
            "orbit (around the object), release (the turntable of the released demo) or inputs (through the "
            "input cameras)")
        ->check(CLI::IsMember({"orbit", "release", "inputs"}))
        ->capture_default_str();
    command->add_option("--frames", options->frames, "Number of frames")
        ->check(CLI::Range(1, 1000000))
        ->capture_default_str();
    command->add_option("--fps", options->film.fps, "Frames a second")
        ->check(CLI::Range(0.01, 1000.0))
        ->capture_default_str();
    command
        ->add_option("--quality", options->film.quality, "Constant rate factor, 0 (lossless) to 51 (worst)")
        ->check(CLI::Range(0, 51))
        ->capture_default_str();
    command->add_option("--scale", options->film.scale, "Enlarge the model's pictures so many times")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command->add_option("--filter", options->filter, "How they are enlarged: nearest or bicubic")
        ->check(CLI::IsMember({"nearest", "bicubic"}))
        ->capture_default_str();
    command->callback(
        [options, &action] { action = [options](const Job& job) { return render(*options, job); }; });
}

}  // namespace lact::app
