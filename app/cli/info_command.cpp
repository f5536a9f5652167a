#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/document/scene_remarks.h"
#include "app/platform/terminal.h"
#include "app/video/provenance.h"
#include "engine/core/file_kind.h"
#include "engine/core/printable.h"
#include "engine/core/text_file.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/normalize.h"
#include "engine/scene/scene_files.h"
#include "engine/session/weight_files.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

using nlohmann::json;

json describe_scene(const SceneFiles& scene, Normalization requested) {
    const NormalizationChoice choice = choose_normalization(scene, requested);
    const Camera& first = scene.views.front().camera;
    bool one_size = true;
    bool distorted = false;
    for (const SceneView& view : scene.views) {
        one_size = one_size && view.camera.width == first.width && view.camera.height == first.height;
        distorted = distorted || bends(view.distortion, view.camera);
    }
    return {{"kind", "scene"},
            {"path", scene.folder.string()},
            {"name", scene.name},
            {"format", scene.format},
            {"views", scene.views.size()},
            {"image_size", one_size ? json{first.width, first.height} : json("various")},
            {"lens_distortion", distorted},
            {"normalization", to_string(choice.normalization)},
            {"normalization_reason", choice.reason},
            {"remarks", remarks_to_json(scene.remarks)}};
}

json describe_weights_file(const std::string& path, const WeightFileInfo& file) {
    json metadata;
    if (!file.info.metadata_json.empty()) {
        metadata = parse_json(file.info.metadata_json, path).value_or(json());
    }
    return {{"kind", "weights"},
            {"path", path},
            {"format", file.format},
            {"sha256", file.sha256},
            {"dtype", file.dtype},
            {"parameters", file.parameters},
            {"tensors", file.tensors},
            {"config",
             {{"layers", file.config.layers},
              {"d", file.config.d},
              {"attention_head", file.config.attention_head},
              {"ttt_head", file.config.ttt_head},
              {"ttt_heads", file.config.ttt_heads()},
              {"hidden_multiple", file.config.hidden_multiple},
              {"patch", file.config.patch},
              {"query_is_key", file.config.query_is_key}}},
            {"state", {{"read_from", file.state_from}, {"left_out", file.left_out}}},
            {"trained_rule", file.info.trained_rule()},
            {"metadata", metadata}};
}

void print_lines(const json& description) {
    for (const auto& [key, value] : description.items()) {
        if (key == "remarks" && !value.empty()) {
            print_out("{:<22} {}\n{}", key, value.size(), remarks_text(value));
        } else if (key == "remarks") {
            print_out("{:<22} none\n", key);
        } else if (value.is_object()) {
            print_out("{}\n", key);
            for (const auto& [inner, inner_value] : value.items()) {
                print_out("  {:<20} {}\n", inner,
                          inner_value.is_string() ? inner_value.get<std::string>() : dump_json(inner_value));
            }
        } else {
            print_out("{:<22} {}\n", key, value.is_string() ? value.get<std::string>() : dump_json(value));
        }
    }
}

/// The provenance of an image or video that this program wrote.
Result<json> describe_media(const std::string& path) {
    LACT_TRY(const auto about, read_provenance(path));
    json result = {{"kind", "recording"}, {"path", path}};
    for (const auto& [key, value] : about) {
        result[key] = parse_json(value, path).value_or(json(value));
    }
    return result;
}

/// Whether to read `path` as a scene: a folder, JSON, or a file of a COLMAP model.
bool may_be_scene(const std::filesystem::path& path) {
    if (is_shard_index(path)) {
        return false;
    }
    std::error_code problem;
    return std::filesystem::is_directory(path, problem) || has_json_extension(path) || is_colmap_name(path);
}

Result<json> describe(const std::string& path, const std::string& normalize) {
    if (may_carry_provenance(path)) {
        return describe_media(path);
    }
    if (may_be_scene(path)) {
        LACT_TRY(const Normalization requested, parse_normalization(normalize));
        LACT_TRY(const SceneFiles scene, read_scene(path));
        return describe_scene(scene, requested);
    }
    LACT_TRY(const WeightFileInfo file, describe_weights(path));
    return describe_weights_file(path, file);
}

}  // namespace

void add_info_command(CLI::App& app, CommandAction& action) {
    struct Options {
        std::string path, normalize = "auto";
        bool json = false;
    };
    auto* command = app.add_subcommand("info", "Describe a weight file, a scene folder or a recording");
    const auto options = std::make_shared<Options>();
    command
        ->add_option("path", options->path,
                     "Weight file, scene folder or its camera file, or a PNG, MP4 or GIF of this program")
        ->required();
    command
        ->add_option("--normalize", options->normalize, "Pose normalization: auto, none, mean-pose or object")
        ->check(CLI::IsMember({"auto", "none", "mean-pose", "object"}))
        ->capture_default_str();
    add_json_flag(*command, options->json);
    command->callback([options, &action] {
        action = [options](const Job&) -> Result<void> {
            LACT_TRY(const auto description, describe(options->path, options->normalize));
            if (options->json) {
                print_out("{}\n", dump_json(description, 2));
            } else {
                print_lines(description);
            }
            return {};
        };
    });
}

}  // namespace lact::app
