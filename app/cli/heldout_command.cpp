#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/figures/contact_sheet.h"
#include "app/platform/assets.h"
#include "app/platform/terminal.h"
#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/output_path.h"
#include "engine/core/text_file.h"
#include "engine/procedural/world.h"
#include "engine/session/load_scene.h"
#include "engine/train/held_out.h"
#include "engine/train/run_folder.h"

#include <algorithm>
#include <cmath>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

struct HeldoutOptions {
    ModelOptions model;
    std::string family;
    int size = 0;
    int inputs = 8;
    int targets = 4;
    std::size_t scenes = 0;
    std::string sheet;
    bool json = false;
};

struct HeldoutResult {
    HeldOutScore score;
    int size = 0;
    const WorldFamily* family = nullptr;
};

/// Whether the weights were trained with another rule.
bool is_switched(const Model& model, const UpdateRule& rule) {
    return !same_but_precision(rule, model.trained_rule());
}

/// The requested family, or the one the weights were trained on.
Result<const WorldFamily*> chosen_family(const HeldoutOptions& options, const WeightsInfo& info) {
    if (!options.family.empty()) {
        return find_family(options.family);
    }
    return info.families.empty() ? &general_family() : find_family(info.families.front());
}

nlohmann::ordered_json to_json(const HeldoutOptions& options, const Model& model, const UpdateRule& rule,
                               const HeldoutResult& measured) {
    nlohmann::ordered_json result = lact::to_json(measured.score);
    result["family"] = {{"name", measured.family->name}, {"version", measured.family->version}};
    result["generator_version"] = generator_version;
    result["size"] = measured.size;
    result["inputs"] = options.inputs;
    result["targets"] = options.targets;
    result["weights"] = {{"file", model.path().string()},
                         {"sha256", model.sha256()},
                         {"trained_rule", model.info().trained_rule()}};
    result["rule"] = format(rule);
    result["rule_switched_at_inference"] = is_switched(model, rule);
    result["precision"] = to_string(model.precision());
    result["device"] = model.device_name();
    result["program"] = "LaCT Scope " LACT_VERSION;
    return result;
}

Result<HeldoutResult> measure_weights(const HeldoutOptions& options, const Model& model,
                                      const UpdateRule& rule, const Job& job) {
    HeldoutResult result;
    LACT_TRY(result.family, chosen_family(options, model.info()));
    std::vector<std::uint64_t> seeds = result.family->held_out;
    if (options.scenes > 0) {
        seeds.resize(std::min(seeds.size(), options.scenes));
    }
    result.size = options.size > 0 ? options.size : default_size(model.info()).width;
    if (!model.config().takes({result.size, result.size})) {
        return fail("--size", fmt::format("{} is not a multiple of the patch size of these weights, {}",
                                          result.size, model.config().patch));
    }
    LACT_TRY(const auto scenes, draw_evaluation_scenes(*result.family, seeds, options.inputs, options.targets,
                                                       result.size, generate_views, job));
    std::vector<EvaluationImage> images;
    MeasureOptions measuring;
    constexpr std::size_t sheet_images = 24;
    measuring.image_count = sheet_images;
    measuring.images = options.sheet.empty() ? nullptr : &images;
    LACT_TRY(result.score, measure(model, rule, scenes, measuring, job));
    if (!std::isfinite(result.score.psnr)) {
        return fail(model.path().string(),
                    fmt::format("the rule {} gives renderings that are not finite", format(rule)),
                    "Use another rule, or another precision.");
    }
    if (!options.sheet.empty()) {
        LACT_TRY(const Image8 sheet,
                 evaluation_sheet(
                     fmt::format("{} on held-out {}, {}, {:.2f} dB{}", model.path().stem().string(),
                                 result.family->name, counted(options.inputs, "input"), result.score.psnr,
                                 is_switched(model, rule)
                                     ? fmt::format(", {} (switched at inference)", format(rule))
                                     : std::string()),
                     images));
        nlohmann::ordered_json about = to_json(options, model, rule, result);
        about["weights"]["file"] = model.path().filename().string();
        LACT_TRY(const std::string png, encode_png(sheet, {{"provenance", dump_json(about)}}));
        LACT_CHECK(write_file_atomically(options.sheet, png));
    }
    return result;
}

void print_table(const HeldoutOptions& options, const Model& model, const UpdateRule& rule,
                 const HeldoutResult& measured) {
    const HeldOutScore& score = measured.score;
    print_err(
        "\n{} on {} (family {} {}), {}, {} at {}x{}\nrule {}\n\n"
        "  PSNR             {:6.2f} dB\n  foreground       {:6.2f} dB\n\nbaselines without a network\n"
        "  nearest input    {:6.2f} dB\n  white            {:6.2f} dB\n"
        "  silhouette       {:6.2f} dB  (ground-truth mask filled with its mean colour)\n",
        model.path().filename().string(), counted(score.scenes, "held-out world"), measured.family->name,
        measured.family->version, counted(options.inputs, "input"), counted(score.views, "view"),
        measured.size, measured.size, describe_rule(model, rule), score.psnr, score.psnr_foreground,
        score.baseline.nearest_view, score.baseline.white, score.baseline.silhouette);
}

Result<void> run_heldout(const HeldoutOptions& options, const Job& job) {
    if (!options.sheet.empty()) {
        LACT_CHECK(check_output_file(options.sheet));
    }
    LACT_TRY(const auto model, open_model(options.model));
    LACT_TRY(const UpdateRule rule, chosen_rule(options.model, *model));
    LACT_TRY(const HeldoutResult measured, measure_weights(options, *model, rule, job));
    if (options.json) {
        print_out("{}\n", dump_json(to_json(options, *model, rule, measured), 2));
    } else {
        print_table(options, *model, rule, measured);
    }
    return {};
}

}  // namespace

void add_heldout_command(CLI::App& app, CommandAction& action) {
    auto* command =
        app.add_subcommand("heldout", "Measure weights on the held-out generated worlds of a family");
    const auto options = std::make_shared<HeldoutOptions>();
    options->model.add_to(*command);
    add_family_option(*command, options->family, "Family of the held-out worlds",
                      " (default: that of the training)");
    command
        ->add_option("--size", options->size,
                     "Image size N in pixels (default: the largest size of the training)")
        ->check(CLI::Range(8, 2048));
    command->add_option("--inputs", options->inputs, "Input views per world")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    command->add_option("--targets", options->targets, "Target views per world")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    command
        ->add_option("--scenes", options->scenes,
                     "Number of worlds, from the start of the list (default: all)")
        ->check(CLI::PositiveNumber);
    command->add_option("--sheet", options->sheet,
                        "PNG file for a contact sheet: ground truth and rendering of the first 24 worlds");
    add_json_flag(*command, options->json);
    command->callback(
        [options, &action] { action = [options](const Job& job) { return run_heldout(*options, job); }; });
}

}  // namespace lact::app
