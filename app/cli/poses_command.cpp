#include "app/cli/program.h"
#include "app/runtime/find_poses.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

void add_poses_command(CLI::App& app, Work& action) {
    struct Options {
        PosesRequest request;
        std::string folder;
        std::string matching = "auto";
        bool several_cameras = false;
        bool json = false;
    };
    auto* command = app.add_subcommand(
        "poses", "Find where photos were taken from, with COLMAP, so that they become a scene");
    const auto options = std::make_shared<Options>();
    command
        ->add_option("folder", options->folder, "Folder of photos, or one with a folder \"images\" of them")
        ->required();
    command
        ->add_option("--matching", options->matching,
                     "Which photos are compared: exhaustive (all pairs), sequential (neighbours: frames of a "
                     "video) or auto (by their number)")
        ->check(CLI::IsMember({"auto", "exhaustive", "sequential"}))
        ->capture_default_str();
    command->add_option("--camera-model", options->request.camera_model, "COLMAP's camera model")
        ->capture_default_str();
    command->add_flag("--several-cameras", options->several_cameras,
                      "The photos are of several cameras, or of one whose zoom changed");
    command->add_flag("--gpu", options->request.gpu, "Let COLMAP use the GPU");
    command->add_flag("--json", options->json, "Print the result as JSON");
    command->callback([options, &action] {
        action = [options](const Job& job) -> Result<void> {
            PosesRequest request = options->request;
            request.folder = options->folder;
            request.one_camera = !options->several_cameras;
            LACT_TRY(request.matching, parse_photo_matching(options->matching));
            LACT_TRY(const FoundPoses found, find_poses(request, job));
            job.say(found.sentence());
            if (options->json) {
                fmt::print("{}\n", nlohmann::json{{"model", found.model.string()},
                                                  {"photos", found.photos},
                                                  {"placed", found.placed},
                                                  {"left_out", found.left_out}}
                                       .dump(2));
            }
            return {};
        };
    });
}

}  // namespace lact::app
