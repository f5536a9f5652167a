#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/figures/contact_sheet.h"
#include "app/platform/terminal.h"
#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/output_path.h"
#include "engine/core/text_file.h"
#include "engine/procedural/world.h"
#include "engine/procedural/write_scene.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

namespace fs = std::filesystem;

/// Capacity of a contact sheet.
constexpr int sheet_scenes = 48;
constexpr int sheet_views = 8;

struct GenerateOptions {
    std::uint64_t seed = 0;
    int count = 1;
    int views = 32;
    int size = 128;
    std::string family = "general";
    std::string output;
    std::string preview;
    bool json = false;
};

SheetRow preview_row(const GeneratedViews& views, std::uint64_t seed) {
    SheetRow row;
    row.label = fmt::format("seed {}", seed);
    for (int i = 0; i < std::min(sheet_views, static_cast<int>(views.cameras.size())); ++i) {
        row.images.push_back(image_of(views, i, /*with_alpha=*/false));
    }
    return row;
}

Result<void> write_preview(const GenerateOptions& options, const WorldFamily& family,
                           const std::vector<SheetRow>& rows) {
    const std::string title =
        fmt::format("family {} {}, generator version {}", family.name, family.version, generator_version);
    LACT_TRY(const std::string png, encode_png(contact_sheet(title, rows)));
    return write_file_atomically(options.preview, png);
}

/// Creates the folder of the scenes.
Result<void> create_output_folder(const fs::path& folder) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem || !fs::is_directory(folder, problem)) {
        return fail(folder.string(), problem ? "cannot be created: " + problem.message() : "is not a folder",
                    "Choose a folder that exists and can be written to.");
    }
    return {};
}

Result<void> generate(const GenerateOptions& options, const Job& job) {
    if (options.seed >
        std::numeric_limits<std::uint64_t>::max() - static_cast<std::uint64_t>(options.count)) {
        return fail("--seed",
                    fmt::format("{} leaves no room for {}", options.seed, counted(options.count, "seed")));
    }
    LACT_TRY(const WorldFamily* const family, find_family(options.family));
    LACT_CHECK(create_output_folder(options.output));
    LACT_CHECK(check_output_folder(options.output));
    if (!options.preview.empty()) {
        LACT_CHECK(check_output_file(options.preview));
    }
    const auto folder_of = [&](int i) {
        return fs::path(options.output) /
               fmt::format("{}_{:08}", family->name, options.seed + static_cast<std::uint64_t>(i));
    };
    for (int i = 0; i < options.count; ++i) {  // Before any is drawn.
        std::error_code none;
        if (fs::exists(fs::symlink_status(folder_of(i), none))) {
            return fail(folder_of(i).string(), "exists already",
                        "Remove it, choose another folder, or begin after it with --seed.");
        }
    }
    nlohmann::json scenes = nlohmann::json::array();
    std::vector<SheetRow> rows;
    for (int i = 0; i < options.count; ++i) {
        job.progress("generating", static_cast<double>(i) / options.count);
        GenerationSpec spec;
        spec.family = family;
        spec.seed = options.seed + static_cast<std::uint64_t>(i);
        spec.views = options.views;
        spec.size = options.size;
        const fs::path folder = folder_of(i);
        LACT_TRY(const GeneratedViews views, generate_in_parallel(spec, job));
        LACT_CHECK(write_scene_folder(views, spec, folder, job));
        scenes.push_back(
            {{"folder", folder.string()}, {"seed", spec.seed}, {"views", spec.views}, {"size", spec.size}});
        if (!options.preview.empty() && i < sheet_scenes) {
            rows.push_back(preview_row(views, spec.seed));
        }
    }
    job.progress("generating", 1);
    if (!options.preview.empty()) {
        LACT_CHECK(write_preview(options, *family, rows));
    }
    if (options.json) {
        nlohmann::json result{{"generator_version", generator_version},
                              {"family", {{"name", family->name}, {"version", family->version}}},
                              {"scenes", scenes}};
        if (!options.preview.empty()) {
            result["preview"] = options.preview;
        }
        print_out("{}\n", dump_json(result, 2));
    } else {
        job.say(fmt::format("wrote {} to {}", counted(options.count, "scene"), options.output));
    }
    return {};
}

}  // namespace

void add_generate_command(CLI::App& app, CommandAction& action) {
    auto* command = app.add_subcommand(
        "generate", "Generate scenes from seeds: objects on white, or objects in an environment");
    const auto options = std::make_shared<GenerateOptions>();
    command->add_option("--seed", options->seed, "Seed of the first scene; each further scene adds one")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command->add_option("--count", options->count, "Number of scenes")
        ->check(CLI::Range(1, 1000000))
        ->capture_default_str();
    command->add_option("--views", options->views, "Views per scene")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command->add_option("--size", options->size, "Width and height of the images in pixels")
        ->check(CLI::Range(8, 2048))
        ->capture_default_str();
    add_family_option(*command, options->family, "Family of generated worlds")->capture_default_str();
    command->add_option("-o,--output", options->output, "Folder for the scene folders")->required();
    command->add_option("--preview", options->preview,
                        fmt::format("PNG file for a contact sheet ({} of the first {})",
                                    counted(sheet_views, "view"), counted(sheet_scenes, "scene")));
    add_json_flag(*command, options->json);
    command->callback(
        [options, &action] { action = [options](const Job& job) { return generate(*options, job); }; });
}

}  // namespace lact::app
