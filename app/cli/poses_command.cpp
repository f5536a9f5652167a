#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/platform/terminal.h"
#include "app/runtime/find_poses.h"
#include "engine/core/text_file.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

void add_poses_command(CLI::App& app, CommandAction& action) {
    struct Options {
        PosesRequest request;
        std::string folder;
        std::string matching = "auto";
        bool several_cameras = false;
        bool json = false;
    };
    auto* command =
        app.add_subcommand("poses", "Estimate the camera poses of photos with COLMAP, to make a scene");
    const auto options = std::make_shared<Options>();
    command
        ->add_option("folder", options->folder,
                     "Folder of photos, or its parent with the photos in a folder \"images\"")
        ->required();
    command
        ->add_option(
            "--matching", options->matching,
            "Pairs of photos to match: exhaustive (all), sequential (neighbours, for video frames) or "
            "auto (by the number of photos)")
        ->check(CLI::IsMember({"auto", "exhaustive", "sequential"}))
        ->capture_default_str();
    command->add_option("--camera-model", options->request.camera_model, "Camera model of COLMAP")
        ->capture_default_str();
    command->add_flag("--several-cameras", options->several_cameras,
                      "The photos are from several cameras, or from one with varying zoom");
    command->add_flag("--gpu", options->request.gpu, "Run COLMAP on the GPU");
    add_json_flag(*command, options->json);
    command->callback([options, &action] {
        action = [options](const Job& job) -> Result<void> {
            PosesRequest request = options->request;
            request.folder = options->folder;
            request.one_camera = !options->several_cameras;
            LACT_TRY(request.matching, parse_photo_matching(options->matching));
            LACT_TRY(const FoundPoses found, find_poses(request, job));
            job.say(found.sentence());
            if (options->json) {
                print_out("{}\n", dump_json(nlohmann::json{{"model", found.model.string()},
                                                           {"photos", found.photos},
                                                           {"placed", found.placed},
                                                           {"left_out", found.left_out}},
                                            2));
            }
            return {};
        };
    });
}

}  // namespace lact::app
