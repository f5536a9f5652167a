#include "app/cli/inspect_command.h"

#include "app/cli/inspect_sheets.h"
#include "app/cli/program.h"
#include "engine/core/files.h"
#include "engine/session/equivalence_check.h"

#include <algorithm>
#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

Result<void> inspect(const InspectOptions& options, const Job& job) {
    return options.check ? run_equivalence_check(options, job) : run_inspection(options, job);
}

}  // namespace

void add_inspect_command(CLI::App& app, Work& action) {
    auto* command = app.add_subcommand(
        "inspect",
        "Look inside the layers: what they are given, what they learn, and the same as linear "
        "attention");
    const auto options = std::make_shared<InspectOptions>();
    options->scene.add_to(*command, /*required=*/false);
    options->model.add_to(*command);
    auto* check = command->add_flag(
        "--check", options->check,
        "Compute every layer and head both ways, with all presets (or with --rule alone), and compare");
    auto* what = command
                     ->add_option("--what", options->what,
                                  "inputs, weights, spectrum, state, attention, shares, causal or rates")
                     ->check(CLI::IsMember({"inputs", "weights", "spectrum", "state", "attention", "shares",
                                            "causal", "rates"}))
                     ->excludes(check);
    command->add_option("-o,--output", options->output, "Folder for pictures (PNG) and tensors (safetensors)")
        ->excludes(check);
    command->add_option("--layer", options->layer, "Layer, from 0 (default: the last)")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--head", options->head, "TTT head, from 0")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command->add_option("--side", options->side, "Side that Muon's factor stands on: value or key")
        ->check(CLI::IsMember({"value", "key"}))
        ->capture_default_str();
    command->add_option("--view", options->view,
                        "View of the scene that asks (default: the first that is not an input)");
    command
        ->add_option("--pixel", options->pixel,
                     "Pixel x,y of that view, at the model's size (default: middle)")
        ->delimiter(',')
        ->expected(2);
    command->add_flag("--json", options->json, "Print figures as JSON on stdout");
    command->callback([options, what, check, &action] {
        if (what->count() == 0 && check->count() == 0) {
            throw CLI::RequiredError("--what or --check");
        }
        if (what->count() > 0 && options->output.empty()) {
            throw CLI::RequiredError("--output");
        }
        action = [options](const Job& job) { return inspect(*options, job); };
    });
}

// `lactscope inspect --check`: every layer and head both ways.
namespace {

using nlohmann::json;

json to_json(const EquivalenceRow& row) {
    json result = {{"layer", row.layer}, {"head", row.head},           {"preset", row.preset},
                   {"rel", nullptr},     {"tolerance", row.tolerance}, {"status", row.status}};
    if (row.applicable()) {
        result["rel"] = row.rel;
        result["rel_key_side"] = row.rel_key;
        result["rel_fp64"] = row.rel_fp64;
        result["tolerance_fp64"] = row.tolerance_fp64;
        result["step_by_step"] = row.step_by_step;
        result["drift"] = row.drift;
        result["fp32_rounding"] = row.rounding;
        result["running_precision"] = row.precision;
        result["phi_moved"] = row.moved;
    }
    return result;
}

json to_json(const Opened& opened, const std::vector<EquivalenceRow>& rows) {
    json result = provenance(opened);
    result.erase("rule");  // each row has its own
    result.erase("rule_switched_at_inference");
    result["rows"] = json::array();
    for (const EquivalenceRow& row : rows) {
        result["rows"].push_back(to_json(row));
    }
    result["max_rel"] = largest_rel(rows);
    return result;
}

/// One line a rule: its worst layer and head.
void print_table(const std::vector<EquivalenceRow>& rows) {
    fmt::print(stderr, "\n{:<14} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}  {}\n", "rule", "rel", "key side",
               "fp64", "drift", "running", "phi moved", "status");
    for (auto first = rows.begin(); first != rows.end();) {
        const auto last = std::find_if(
            first, rows.end(), [&](const EquivalenceRow& row) { return row.preset != first->preset; });
        EquivalenceRow worst = *first;
        for (auto row = first; row != last; ++row) {
            worst.rel = std::max(worst.rel, row->rel);
            worst.rel_key = std::max(worst.rel_key, row->rel_key);
            worst.rel_fp64 = std::max(worst.rel_fp64, row->rel_fp64);
            worst.drift = std::max(worst.drift, row->drift);
            worst.precision = std::max(worst.precision, row->precision);
            worst.moved = std::max(worst.moved, row->moved);
            if (row->failed()) {
                worst.status = fmt::format("layer {} head {} {}", row->layer, row->head, row->status);
            }
        }
        if (worst.applicable()) {
            fmt::print(stderr, "{:<14} {:>9.1e} {:>9.1e} {:>9.1e} {:>9.1e} {:>9.1e} {:>9.1e}  {}\n",
                       worst.preset, worst.rel, worst.rel_key, worst.rel_fp64, worst.drift, worst.precision,
                       worst.moved, worst.status);
        } else {
            fmt::print(stderr, "{:<14} {}\n", worst.preset, worst.status);
        }
        first = last;
    }
    fmt::print(stderr,
               "\nLargest difference of any layer and head, of the largest output: fp32 (allowed 1e-4), fp64 "
               "(allowed 1e-9).\n\"running\" is what the running precision costs, and no error.\n");
}

/// The first view that is held out; where none is, the first input.
const PreparedView& first_view(const LoadedScene& scene) {
    return scene.set->view(scene.targets.empty() ? scene.inputs.front() : scene.targets.front());
}

}  // namespace

Result<void> run_equivalence_check(const InspectOptions& options, const Job& job) {
    LACT_TRY(const Opened opened, open(options.model, options.scene, job));
    const LoadedScene& scene = opened.scene;
    const Camera& target = first_view(scene).camera;
    std::vector<NamedRule> rules = preset_rules(*opened.model);
    if (!options.model.rule.empty()) {
        rules = {{options.model.rule, opened.session.rule()}};
    }
    if (!options.model.ns_precision.empty()) {
        for (NamedRule& one : rules) {
            one.rule.ns_precision = opened.session.rule().ns_precision;
        }
    }
    LACT_TRY(const auto rows, check_equivalence(*opened.model, scene.input_views(), target, rules, job));
    if (options.json) {
        fmt::print("{}\n", to_json(opened, rows).dump(2));
    } else {
        print_table(rows);
    }
    return verdict(rows);
}

Result<void> verdict(std::span<const EquivalenceRow> rows) {
    const auto failed =
        std::count_if(rows.begin(), rows.end(), [](const EquivalenceRow& row) { return row.failed(); });
    if (failed > 0) {
        return fail("twin check", fmt::format("{} of {} rows are out of tolerance", failed, rows.size()));
    }
    return {};
}

// `lactscope inspect --what …`: opens, looks, and writes pictures, tensors and figures.
namespace {

const PreparedView* find_view(const LoadedScene& scene, std::size_t index) {
    const auto found = std::ranges::find(scene.set->views, index, &PreparedView::index);
    return found == scene.set->views.end() ? nullptr : &*found;
}

/// Patch of a pixel at the model's size; the middle one where a patch is needed and none is named.
Result<std::optional<std::array<int, 2>>> patch_of(const InspectOptions& options, const Camera& camera,
                                                   int patch) {
    if (options.pixel.empty()) {
        if (options.what != "attention") {
            return std::nullopt;
        }
        return std::array{camera.width / 2 / patch, camera.height / 2 / patch};
    }
    const int x = options.pixel[0];
    const int y = options.pixel[1];
    if (x < 0 || x >= camera.width || y < 0 || y >= camera.height) {
        return fail("--pixel", fmt::format("{},{} is outside of {}x{}", x, y, camera.width, camera.height),
                    "Pixels are those of the model's size (--size).");
    }
    return std::array{x / patch, y / patch};
}

Result<FormulaLink> mode_of(const InspectOptions& options, const Opened& opened) {
    const LoadedScene& scene = opened.scene;
    const PreparedView* view = &first_view(scene);
    if (options.view) {
        view = find_view(scene, *options.view);
        if (view == nullptr) {
            return fail("--view", fmt::format("view {} is not in the scene, which has {}", *options.view,
                                              scene.set->files.views.size()));
        }
    }
    FormulaLink mode;
    mode.place = {options.layer.value_or(opened.model->config().layers - 1), options.head};
    LACT_TRY(mode.factor, parse_muon_factor(options.side));
    mode.asking = to_image8(*view->image);
    mode.asking_view = view->index;
    mode.query.camera = view->camera;
    LACT_TRY(mode.query.patch, patch_of(options, view->camera, opened.model->config().patch));
    mode.scene_title = fmt::format("{} - {} - {}", scene.set->files.name,
                                   opened.model->path().stem().string(), describe_rule(opened.session));
    mode.title = fmt::format("{} - layer {} head {}", mode.scene_title, mode.place.layer, mode.place.head);
    return mode;
}

Result<Findings> look_at(const std::string& what, Inspection& inspection, const FormulaLink& mode,
                         const Job& job) {
    if (what == "inputs") {
        return export_inputs(inspection, mode, job);
    }
    if (what == "weights") {
        return export_weights(inspection, mode, job);
    }
    if (what == "spectrum") {
        return export_spectrum(inspection, mode, job);
    }
    if (what == "state") {
        return export_state(inspection, mode, job);
    }
    if (what == "causal") {
        return export_causal(inspection, mode, job);
    }
    if (what == "rates") {
        return export_rates(inspection, mode, job);
    }
    return export_attention(inspection, mode, job);  // attention: one patch; shares: the whole view
}

Result<void> write_images(const std::filesystem::path& folder, const Findings& findings,
                          const std::string& made_by, nlohmann::json& files) {
    for (const NamedImage& one : findings.images) {
        LACT_TRY(const std::string png, encode_png(one.image, {{"provenance", made_by}}));
        LACT_CHECK(write_file_atomically(folder / (one.name + ".png"), png));
        files.push_back(one.name + ".png");
    }
    return {};
}

}  // namespace

Result<void> run_inspection(const InspectOptions& options, const Job& job) {
    LACT_TRY(const Opened opened, open(options.model, options.scene, job));
    LACT_TRY(const FormulaLink mode, mode_of(options, opened));
    LACT_TRY(Inspection inspection, Inspection::of(opened.session, opened.scene.input_views()));
    LACT_TRY(Findings findings, look_at(options.what, inspection, mode, job));
    const std::filesystem::path folder = options.output;
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) {
        return fail(folder.string(), "cannot be created: " + problem.message(),
                    "Choose another folder with -o.");
    }
    nlohmann::json made_by = provenance(opened);
    made_by["layer"] = mode.place.layer;
    made_by["head"] = mode.place.head;
    made_by["view"] = mode.asking_view;
    made_by["what"] = options.what;
    if (mode.query.patch) {
        made_by["patch"] = *mode.query.patch;
    }
    nlohmann::json files = nlohmann::json::array();
    if (options.what == "shares") {
        findings.images.front().name = "shares";
    }
    LACT_CHECK(write_images(folder, findings, made_by.dump(), files));
    const std::string tensors = options.what + ".safetensors";
    LACT_CHECK(inspection.write_tensors(folder / tensors, mode.place, mode.query, mode.factor,
                                        {{"provenance", made_by.dump()}}, job));
    files.push_back(tensors);
    job.say(fmt::format("wrote {} files to {}", files.size(),
                        std::filesystem::weakly_canonical(folder, problem).string()));
    if (options.json) {
        made_by["files"] = std::move(files);
        made_by["figures"] = std::move(findings.figures);
        fmt::print("{}\n", made_by.dump(2));
    }
    return {};
}

}  // namespace lact::app
