#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/cli/render_video.h"
#include "app/figures/contact_sheet.h"
#include "app/platform/assets.h"
#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/full_path.h"
#include "engine/core/output_path.h"
#include "engine/core/text_file.h"
#include "engine/scene/camera_path.h"
#include "engine/session/evaluate.h"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

constexpr std::size_t columns = 8;
constexpr int sheet_scale = 2;
constexpr int video_scale = 8;

struct DemoOptions {
    std::string scene = bundled_scenes().front().name;
    std::string output = "out/demo";
};

Result<Image8> sheet_image(const ImageF& image) {
    return enlarge(to_image8(image), sheet_scale, EnlargeFilter::nearest);
}

/// Input photos, and the photo above the rendering for some held-out views.
Result<Image8> make_sheet(const Opened& opened, const Evaluation& evaluation,
                          const std::vector<Frame>& frames) {
    SheetRow inputs{counted(opened.scene.inputs.size(), "input photo"), {}};
    for (const PreparedView& view : opened.scene.input_views()) {
        LACT_TRY(Image8 image, sheet_image(*view.image));
        inputs.images.push_back(std::move(image));
    }
    SheetRow photos{"held-out photos", {}};
    SheetRow renderings{
        fmt::format("renderings from the same cameras, PSNR {:.1f} dB over {} (nearest photo {:.1f} dB)",
                    evaluation.psnr, counted(frames.size(), "view"), evaluation.psnr_nearest_view),
        {}};
    const std::size_t step = std::max<std::size_t>(1, frames.size() / columns);
    for (std::size_t i = 0; i < frames.size() && renderings.images.size() < columns; i += step) {
        LACT_TRY(Image8 photo, sheet_image(*opened.scene.set->view(opened.scene.targets[i]).image));
        LACT_TRY(Image8 rendering, sheet_image(frames[i].image));
        photos.images.push_back(std::move(photo));
        renderings.images.push_back(std::move(rendering));
    }
    const std::string title =
        fmt::format("LaCT Scope - {} - {} - rule {}", opened.scene.set->files.name,
                    opened.model->path().stem().string(), describe_rule(opened.session));
    return contact_sheet(title, {inputs, photos, renderings});
}

Result<std::filesystem::path> find_demo_scene(const std::string& name) {
    std::error_code problem;
    if (std::filesystem::exists(name, problem)) {
        return std::filesystem::path(name);
    }
    return find_bundled_scene(name);
}

}  // namespace

Result<void> run_demo(const std::string& scene_name, const std::string& output_folder, const Job& job) {
    const std::filesystem::path output = output_folder;
    std::error_code problem;
    std::filesystem::create_directories(output, problem);
    if (problem) {
        return fail(output.string(), "cannot be created: " + problem.message(),
                    "Choose another folder with -o.");
    }
    LACT_CHECK(check_output_folder(output));
    LACT_TRY(const auto folder, find_demo_scene(scene_name));
    SceneOptions scene;
    scene.scene = folder.string();
    LACT_TRY(Opened opened, open({}, scene, job));
    std::vector<Frame> frames;
    LACT_TRY(const Evaluation evaluation, evaluate(opened.session, opened.scene, job, &frames));
    LACT_TRY(const Image8 sheet, make_sheet(opened, evaluation, frames));
    LACT_TRY(const std::string png, encode_png(sheet, {{"provenance", dump_json(provenance(opened))}}));
    LACT_CHECK(write_file_atomically(output / "views.png", png));
    std::vector<Camera> cameras;
    for (const PreparedView& view : opened.scene.input_views()) {
        cameras.push_back(view.camera);
    }
    VideoOptions video;
    video.scale = video_scale;
    const auto path = orbit(cameras, 120, opened.scene.set->size);
    LACT_TRY(const std::string encoder, render_video(opened, path, output / "orbit.mp4", video, job));
    const auto where = full_path(output);
    job.say(fmt::format("video of an orbit ({}): {}", encoder, (where / "orbit.mp4").string()));
    job.say(fmt::format("contact sheet of photos and renderings: {}", (where / "views.png").string()));
    return {};
}

void add_demo_command(CLI::App& app, CommandAction& action) {
    auto* command = app.add_subcommand("demo", "Render a video and a contact sheet of a bundled scene");
    const auto options = std::make_shared<DemoOptions>();
    command
        ->add_option("scene", options->scene, "Scene: " + names_of(bundled_scenes()) + ", or a scene folder")
        ->capture_default_str();
    command->add_option("-o,--output", options->output, "Folder to write to")->capture_default_str();
    command->callback([options, &action] {
        action = [options](const Job& job) { return run_demo(options->scene, options->output, job); };
    });
}

}  // namespace lact::app
