#include "app/cli/inspect_command.h"

#include "app/cli/command_line.h"
#include "app/cli/inspect_sheets.h"
#include "app/platform/terminal.h"
#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/full_path.h"
#include "engine/core/output_path.h"
#include "engine/core/text_file.h"
#include "engine/metrics/metrics.h"
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

std::vector<std::string> planted_names() {
    std::vector<std::string> names;
    for (const PlantedError error : planted_errors) {
        names.emplace_back(to_string(error));
    }
    return names;
}

}  // namespace

void add_inspect_command(CLI::App& app, CommandAction& action) {
    auto* command = app.add_subcommand(
        "inspect",
        "Export the inputs, fast weights and linear-attention form of a layer, or check their equivalence");
    const auto options = std::make_shared<InspectOptions>();
    options->scene.add_to(*command, /*required=*/false);
    options->model.add_to(*command);
    auto* check = command->add_flag(
        "--check", options->check,
        "Compare every layer and head with its linear-attention form, for all presets (or for --rule)");
    command->add_option("--plant", options->plant, "Plant an error in the TTT step that --check must find")
        ->check(CLI::IsMember(planted_names()))
        ->needs(check)
        ->group("");  // a test of the check itself
    auto* what =
        command
            ->add_option("--what", options->what,
                         "Quantity: inputs, weights, spectrum, state, attention, shares, causal or rates")
            ->check(CLI::IsMember(
                {"inputs", "weights", "spectrum", "state", "attention", "shares", "causal", "rates"}))
            ->excludes(check);
    command->add_option("-o,--output", options->output, "Folder for images (PNG) and tensors (safetensors)")
        ->excludes(check);
    command->add_option("--layer", options->layer, "Layer index, from 0 (default: the last)")
        ->check(CLI::NonNegativeNumber)
        ->excludes(check);
    command->add_option("--head", options->head, "TTT head index, from 0")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str()
        ->excludes(check);
    command
        ->add_option("--factor,--side", options->factor,
                     "Factor of Muon's product: right (value side) or left (key side)")
        ->check(CLI::IsMember({"right", "left", "value", "key"}))
        ->capture_default_str()
        ->excludes(check);
    auto* shares =
        command
            ->add_option(
                "--shares", options->shares,
                "Shares of the output minus its mean over all patches of the view (centred), or of the "
                "whole output, most of which can be that mean (output)")
            ->check(CLI::IsMember({"centred", "output"}))
            ->capture_default_str()
            ->excludes(check);
    command->add_option("--view", options->view, "Query view (default: the first that is not an input)")
        ->excludes(check);
    command
        ->add_option("--pixel", options->pixel, "Pixel x,y of the query view at --size (default: the centre)")
        ->delimiter(',')
        ->expected(2)
        ->excludes(check);
    add_json_flag(*command, options->json);
    command->callback([options, what, check, shares, &action] {
        if (what->count() == 0 && check->count() == 0) {
            throw CLI::RequiredError("--what or --check");
        }
        if (what->count() > 0 && options->output.empty()) {
            throw CLI::RequiredError("--output");
        }
        if (shares->count() > 0 && options->what != "attention" && options->what != "shares") {
            throw CLI::ValidationError(
                "--shares", fmt::format("has no effect with --what {}: it is of --what attention and shares",
                                        options->what));
        }
        action = [options](const Job& job) { return inspect(*options, job); };
    });
}

// `lactscope inspect --check`
namespace {

using nlohmann::json;

json to_json(const EquivalenceRow& row) {
    json result = figures_of(row);
    result["layer"] = row.layer;
    result["head"] = row.head;
    result["preset"] = row.preset;
    result["rel_key_side"] = row.applicable() ? json(row.rel_fp32_key) : json(nullptr);
    result["drift"] = row.applicable() ? json(row.drift_fp32) : json(nullptr);
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
    const bool compared = std::ranges::any_of(rows, &EquivalenceRow::applicable);
    result["max_rel_fp64"] = compared ? json(largest_rel_fp64(rows)) : json(nullptr);
    result["max_rel"] = compared ? json(largest_rel_fp32(rows)) : json(nullptr);
    return result;
}

/// The largest values of the rows of one rule, and its status.
EquivalenceRow worst_of(std::span<const EquivalenceRow> rows) {
    EquivalenceRow worst = rows.front();
    for (const EquivalenceRow& row : rows) {
        for (const auto of :
             {&EquivalenceRow::rel_fp32, &EquivalenceRow::rel_fp32_key, &EquivalenceRow::drift_fp32,
              &EquivalenceRow::rounding_fp32, &EquivalenceRow::precision, &EquivalenceRow::moved}) {
            worst.*of = larger_or_nan(worst.*of, row.*of);
        }
        if (row.failed()) {
            worst.status = fmt::format("layer {} head {} {}", row.layer, row.head, row.status);
        } else if (!worst.applicable() && row.applicable()) {
            worst.status = row.status;
        }
    }
    worst.rel_fp64 = largest_rel_fp64(rows);
    return worst;
}

/// What the status of a rule does not cover; empty where it covers all steps of all heads.
std::string limits_of(std::span<const EquivalenceRow> rows) {
    std::string text;
    const auto left_out =
        std::ranges::count_if(rows, [](const EquivalenceRow& row) { return !row.applicable(); });
    if (left_out > 0) {
        text += fmt::format("; {} of {} not compared", left_out, counted(rows.size(), "head"));
    }
    if (std::ranges::any_of(rows, &EquivalenceRow::step_by_step_fp64)) {
        text += "; inner steps compared one by one";
    }
    return text;
}

/// One line per rule: the largest values over layers and heads.
void print_table(std::span<const EquivalenceRow> rows) {
    const double limit = rows.empty() ? 0 : rows.front().limit;
    print_err("\n{:<14} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}  {}\n", "rule", "fp64", "fp32", "key side",
              "rounding", "drift", "running", "phi moved", "status");
    while (!rows.empty()) {
        const auto last = std::ranges::find_if(
            rows, [&](const EquivalenceRow& row) { return row.preset != rows.front().preset; });
        const auto count = static_cast<std::size_t>(last - rows.begin());
        const EquivalenceRow worst = worst_of(rows.first(count));
        if (worst.applicable()) {
            print_err("{:<14} {:>9.1e} {:>9.1e} {:>9.1e} {:>9.1e} {:>9.1e} {:>9.1e} {:>9.1e}  {}\n",
                      worst.preset, worst.rel_fp64, worst.rel_fp32, worst.rel_fp32_key, worst.rounding_fp32,
                      worst.drift_fp32, worst.precision, worst.moved,
                      worst.status + limits_of(rows.first(count)));
        } else {
            print_err("{:<14} {}\n", worst.preset, worst.status);
        }
        rows = rows.subspan(count);
    }
    print_err(
        "\nLargest difference over layers and heads, relative to the largest output. The status judges "
        "fp64 (limit {:.0e}).\nInformation: the same in fp32, what rounding alone changes (fp32 against "
        "fp64); "
        "\"running\": rounding of the running precision.\n",
        limit);
}

/// The first held-out view; without one, the first input.
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
    LACT_TRY(const PlantedError planted, parse_planted_error(options.plant));
    LACT_TRY(const auto rows,
             check_equivalence(*opened.model, scene.input_views(), target, rules, job, planted));
    if (options.json) {
        print_out("{}\n", dump_json(to_json(opened, rows), 2));
    } else {
        print_table(rows);
    }
    return verdict(rows);
}

Result<void> verdict(std::span<const EquivalenceRow> rows) {
    const auto failed =
        std::count_if(rows.begin(), rows.end(), [](const EquivalenceRow& row) { return row.failed(); });
    if (failed > 0) {
        return fail("equivalence check", fmt::format("{} of {} out of tolerance", failed,
                                                     counted(rows.size(), "row is", "rows are")));
    }
    if (!rows.empty() && std::ranges::none_of(rows, &EquivalenceRow::applicable)) {
        constexpr std::string_view mark = "n/a: ";
        return fail("equivalence check", "nothing was compared: " + rows.front().status.substr(mark.size()),
                    "Use another rule, or fewer inner steps.");
    }
    return {};
}

// `lactscope inspect --what`
namespace {

const PreparedView* find_view(const LoadedScene& scene, std::size_t index) {
    const auto found = std::ranges::find(scene.set->views, index, &PreparedView::index);
    return found == scene.set->views.end() ? nullptr : &*found;
}

/// Patch of the pixel; without --pixel the centre one for attention, none for other quantities.
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
                    "Pixels count at the size of the rendering (--size).");
    }
    return std::array{x / patch, y / patch};
}

Result<MuonFactor> parse_factor(const std::string& text) {
    return text == "right" ? MuonFactor::right : text == "left" ? MuonFactor::left : parse_muon_factor(text);
}

Result<InspectionTarget> make_target(const InspectOptions& options, const Opened& opened) {
    const LoadedScene& scene = opened.scene;
    const PreparedView* view = &first_view(scene);
    if (options.view) {
        view = find_view(scene, *options.view);
        if (view == nullptr) {
            return fail("--view", fmt::format("view {} is not in the scene, which has {}", *options.view,
                                              scene.set->files.views.size()));
        }
    }
    InspectionTarget target;
    target.place = {options.layer.value_or(opened.model->config().layers - 1), options.head};
    LACT_TRY(target.attention.factor, parse_factor(options.factor));
    LACT_TRY(target.attention.of, parse_share_of(options.shares));
    target.photo = to_image8(*view->image);
    target.query_view = view->index;
    target.query.camera = view->camera;
    LACT_TRY(target.query.patch, patch_of(options, view->camera, opened.model->config().patch));
    target.scene_title = fmt::format("{} - {} - {}", scene.set->files.name,
                                     opened.model->path().stem().string(), describe_rule(opened.session));
    target.title =
        fmt::format("{} - layer {} head {}", target.scene_title, target.place.layer, target.place.head);
    return target;
}

Result<InspectionExport> export_inspection(const std::string& what, Inspection& inspection,
                                           const InspectionTarget& target, const Job& job) {
    if (what == "inputs") {
        return export_inputs(inspection, target, job);
    }
    if (what == "weights") {
        return export_weights(inspection, target, job);
    }
    if (what == "spectrum") {
        return export_spectrum(inspection, target, job);
    }
    if (what == "state") {
        return export_state(inspection, target, job);
    }
    if (what == "causal") {
        return export_causal(inspection, target, job);
    }
    if (what == "rates") {
        return export_rates(inspection, target, job);
    }
    return export_attention(inspection, target, job);  // of one patch; shares: of the whole view
}

Result<void> write_images(const std::filesystem::path& folder, const InspectionExport& result,
                          const std::string& made_by, nlohmann::json& files) {
    for (const NamedImage& one : result.images) {
        LACT_TRY(const std::string png, encode_png(one.image, {{"provenance", made_by}}));
        LACT_CHECK(write_file_atomically(folder / (one.name + ".png"), png));
        files.push_back(one.name + ".png");
    }
    return {};
}

}  // namespace

Result<void> run_inspection(const InspectOptions& options, const Job& job) {
    LACT_CHECK(check_output_folder(options.output));
    LACT_TRY(const Opened opened, open(options.model, options.scene, job));
    LACT_TRY(const InspectionTarget target, make_target(options, opened));
    LACT_TRY(Inspection inspection, Inspection::of(opened.session, opened.scene.input_views()));
    LACT_TRY(InspectionExport result, export_inspection(options.what, inspection, target, job));
    const std::filesystem::path folder = options.output;
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) {
        return fail(folder.string(), "cannot be created: " + problem.message(),
                    "Choose another folder with -o.");
    }
    nlohmann::json made_by = provenance(opened);
    made_by["layer"] = target.place.layer;
    made_by["head"] = target.place.head;
    made_by["view"] = target.query_view;
    made_by["what"] = options.what;
    if (target.query.patch) {
        made_by["patch"] = *target.query.patch;
    }
    nlohmann::json files = nlohmann::json::array();
    if (options.what == "shares") {
        result.images.front().name = "shares";
    }
    LACT_CHECK(write_images(folder, result, dump_json(made_by), files));
    const std::string tensors = options.what + ".safetensors";
    LACT_CHECK(inspection.write_tensors(folder / tensors, target.place, target.query, target.attention.factor,
                                        {{"provenance", dump_json(made_by)}}, job));
    files.push_back(tensors);
    job.say(fmt::format("wrote {} to {}", counted(files.size(), "file"), full_path(folder).string()));
    if (options.json) {
        made_by["files"] = std::move(files);
        made_by["figures"] = std::move(result.figures);
        print_out("{}\n", dump_json(made_by, 2));
    }
    return {};
}

}  // namespace lact::app
