#include "app/cli/checked.h"
#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/compare/comparison.h"
#include "app/figures/compare_image.h"
#include "app/figures/contact_sheet.h"
#include "app/figures/enlarge.h"
#include "app/platform/terminal.h"
#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/full_path.h"
#include "engine/core/output_path.h"
#include "engine/core/text_file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

constexpr int least_image_width = 192;  ///< On the contact sheet, in pixels.
constexpr std::size_t views_on_sheet = 12;

struct CompareOptions {
    ModelOptions model;
    SceneOptions scene;
    std::string a = "current";
    std::string b;
    CompareStyle style;
    std::string mode = "difference";
    std::string output;
    bool json = false;
    bool csv = false;
};

/// The open model, both sides, and the views to compare from.
struct OpenedComparison {
    SideBase base;
    Comparison comparison;
    std::vector<std::size_t> views;
};

/// Reports the warnings of the scene and of both sides; one that both sides share only once.
void report_warnings(const ViewSet& scene, const CompareTable& sides, const Job& job) {
    for (const SceneRemark& remark : scene.remarks) {
        job.say("warning: " + remark.text);
    }
    const bool same = sides.a.warning == sides.b.warning;
    if (!sides.a.warning.empty()) {
        job.say(fmt::format("warning: {}: {}", same ? "A and B" : "A", sides.a.warning));
    }
    if (!sides.b.warning.empty() && !same) {
        job.say("warning: B: " + sides.b.warning);
    }
}

/// The requested views without repetitions, in the requested order.
Result<std::vector<std::size_t>> chosen_views(const std::vector<std::size_t>& targets, const ViewSet& scene) {
    std::vector<std::size_t> views;
    for (const std::size_t view : targets) {
        if (view >= scene.views.size()) {
            return fail("--targets",
                        fmt::format("no view {}: the scene has views 0 to {}", view, scene.views.size() - 1));
        }
        if (std::ranges::find(views, view) == views.end()) {
            views.push_back(view);
        }
    }
    return views;
}

/// The sides, "A" and "B", that were given a view as input.
std::vector<std::string> sides_with_input(const CompareTable& sides, std::size_t view) {
    std::vector<std::string> found;
    for (const auto& [name, side] : {std::pair{"A", &sides.a}, std::pair{"B", &sides.b}}) {
        if (std::ranges::find(side->inputs, view) != side->inputs.end()) {
            found.emplace_back(name);
        }
    }
    return found;
}

Result<OpenedComparison> open_sides(const CompareOptions& options, const Job& job) {
    OpenedComparison all;
    CompareRequest sides;
    LACT_TRY(sides.a, parse_side_spec(options.a));
    LACT_TRY(sides.b, parse_side_spec(options.b));
    LACT_TRY(SceneRequest request, options.scene.request());
    LACT_TRY(all.base.model, open_model(options.model));
    LACT_TRY(all.base.rule, chosen_rule(options.model, *all.base.model));
    all.base.compute = {options.model.device, all.base.model->precision(), options.model.threads};
    const Model& model = *all.base.model;
    const auto targets = std::exchange(request.targets, std::nullopt);  // Decodes every view.
    LACT_TRY(LoadedScene loaded, load_scene_that_fits(request, model, job));
    for (const SceneRemark& remark : loaded.about_inputs) {
        job.say("warning: " + remark.text);
    }
    all.base.scene = std::move(loaded.set);
    all.base.inputs = std::move(loaded.inputs);
    LACT_TRY(all.views, chosen_views(targets.value_or(std::vector<std::size_t>()), *all.base.scene));
    LACT_CHECK(all.comparison.set(sides, all.base, job));
    report_warnings(*all.base.scene, all.comparison.empty_table(), job);
    if (!targets) {
        all.views = all.comparison.held_out();
    }
    for (const std::size_t view : all.views) {
        if (const auto sides_of = sides_with_input(all.comparison.empty_table(), view); !sides_of.empty()) {
            job.say(fmt::format("warning: view {} is an input of {}, and not held out", view,
                                fmt::join(sides_of, " and ")));
        }
    }
    if (all.views.empty()) {
        return fail(all.base.scene->files.name,
                    "no view is left to compare from: every view is an input of A or B",
                    "Use fewer input views, or name --targets.");
    }
    return all;
}

/// Both sides from every view, and the table of their metrics.
struct ComparedViews {
    CompareTable table;
    std::vector<ComparedPair> pairs;
};

Result<ComparedViews> compare_views(OpenedComparison& all, const Job& job) {
    ComparedViews compared{all.comparison.empty_table(), {}};
    for (std::size_t i = 0; i < all.views.size(); ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        job.progress("comparing views", static_cast<double>(i) / static_cast<double>(all.views.size()));
        LACT_TRY(ComparedPair pair, all.comparison.pair_from_view(all.views[i], job));
        compared.table.rows.push_back(row_of(pair, all.base.scene->photo_name(all.views[i])));
        compared.pairs.push_back(std::move(pair));
    }
    compared.table.of = compared.table.rows.size();
    job.progress("comparing views", 1);
    return compared;
}

nlohmann::json to_json(const OpenedComparison& all, const ComparedViews& compared,
                       const CompareOptions& options) {
    nlohmann::json result = app::to_json(compared.table);
    for (nlohmann::json& row : result["views"]) {
        const auto sides = sides_with_input(compared.table, row["index"].get<std::size_t>());
        if (!sides.empty()) {
            row["input_of"] = sides;  // Not held out.
        }
    }
    result["program"] = "LaCT Scope " LACT_VERSION;
    result["scene"] = all.base.scene->files.name;
    result["normalization"] = to_string(all.base.scene->normalization.normalization);
    result["size"] = {all.base.scene->size.width, all.base.scene->size.height};
    result["mode"] = options.mode;
    result["amplify"] = options.style.amplify;
    return result;
}

SheetRow sheet_row(const ComparedPair& pair, const CompareRow& row, const CompareStyle& style) {
    SheetRow row_on_sheet{
        fmt::format("view {}: A {:.2f} dB, B {:.2f} dB against the photo; A against B {:.2f} dB, SSIM {:.3f}",
                    row.view, row.psnr_a, row.psnr_b, row.psnr_ab, row.ssim_ab),
        {}};
    for (const auto& side : {pair.a.image, pair.b.image}) {
        if (side) {
            if (auto large = enlarge(to_image8(*side), style.scale, EnlargeFilter::nearest)) {
                row_on_sheet.images.push_back(std::move(*large));
            }
        }
    }
    const bool has_both_sides = style.mode == CompareMode::side || style.mode == CompareMode::flip;
    if (pair.figures && !has_both_sides) {
        row_on_sheet.images.push_back(compare_image(*pair.a.image, *pair.b.image, style));
    }
    return row_on_sheet;
}

Image8 comparison_sheet(const OpenedComparison& all, const ComparedViews& compared,
                        const CompareStyle& style) {
    std::vector<SheetRow> rows;
    rows.push_back({"A: " + compared.table.a.label(), {}});
    rows.push_back({"B: " + compared.table.b.label(), {}});
    if (style.mode == CompareMode::difference || style.mode == CompareMode::error) {
        ColourKey key = colour_key(style.mode, style.amplify, 2 * least_image_width, 16);
        rows.push_back({key.words, {std::move(key.bar)}});
    }
    const std::size_t shown = std::min(views_on_sheet, compared.pairs.size());
    for (std::size_t i = 0; i < shown; ++i) {
        rows.push_back(sheet_row(compared.pairs[i], compared.table.rows[i], style));
    }
    const std::string selection =
        shown < compared.pairs.size()
            ? fmt::format(" (the first {} of {})", shown, counted(compared.pairs.size(), "view"))
            : "";
    return contact_sheet(all.base.scene->files.name + selection, rows);
}

Result<void> write_png(const std::filesystem::path& path, const Image8& image, const std::string& made_by) {
    LACT_TRY(const std::string png, encode_png(image, {{"provenance", made_by}}));
    return write_file_atomically(path, png);
}

/// The images of an earlier run: view-012.png and so on.
std::vector<std::filesystem::path> find_view_images(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> found;
    std::error_code problem;
    std::filesystem::directory_iterator entry(folder, problem);
    for (; !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
        const std::string name = entry->path().filename().string();
        constexpr std::string_view begin = "view-";
        const bool matches = name.starts_with(begin) && name.ends_with(".png") &&
                             name.find_first_not_of("0123456789", begin.size()) == name.size() - 4;
        if (matches) {
            found.push_back(entry->path());
        }
    }
    return found;
}

/// The folder of an earlier comparison may be overwritten. Other files named like view images are kept: with
/// them, the command refuses the folder.
Result<void> check_comparison_folder(const std::filesystem::path& folder) {
    std::error_code none;
    const auto images = find_view_images(folder);
    if (images.empty() || std::filesystem::exists(folder / "comparison.png", none) ||
        std::filesystem::exists(folder / "comparison.json", none)) {
        return {};
    }
    return fail(folder.string(),
                fmt::format("holds {}, which no comparison wrote", images.front().filename().string()),
                "Choose another folder with -o.");
}

std::string csv_of(const OpenedComparison& all, const CompareTable& table) {
    return to_csv(table, all.base.scene->files.name, all.base.scene->size);
}

Result<void> write_all(const std::filesystem::path& folder, const OpenedComparison& all,
                       const ComparedViews& compared, const CompareOptions& options) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) {
        return fail(folder.string(), "cannot be created: " + problem.message(),
                    "Choose another folder with -o.");
    }
    std::vector<std::filesystem::path> earlier = find_view_images(folder);
    const nlohmann::json figures = to_json(all, compared, options);
    nlohmann::json made_by = figures;
    made_by.erase("views");
    LACT_CHECK(write_png(folder / "comparison.png", comparison_sheet(all, compared, options.style),
                         dump_json(made_by)));
    for (std::size_t i = 0; i < compared.pairs.size(); ++i) {
        const ComparedPair& pair = compared.pairs[i];
        if (pair.figures) {
            made_by["view"] = figures["views"][i];
            const auto file = folder / fmt::format("view-{:03}.png", all.views[i]);
            LACT_CHECK(write_png(file, compare_image(*pair.a.image, *pair.b.image, options.style),
                                 dump_json(made_by)));
            std::erase(earlier, file);
        }
    }
    for (const auto& image : earlier) {
        std::filesystem::remove(image, problem);  // Of other views or sides.
        if (problem) {
            return fail(image.string(), "cannot be removed: " + problem.message(),
                        "Choose another folder with -o.");
        }
    }
    LACT_CHECK(write_file_atomically(folder / "comparison.csv", csv_of(all, compared.table)));
    return write_file_atomically(folder / "comparison.json", dump_json(figures, 2) + "\n");
}

void print_table(const CompareTable& table) {
    print_err("\nA: {}\nB: {}\n\n", table.a.label(), table.b.label());
    print_err("{:>6}  {:>8}  {:>6}  {:>8}  {:>6}  {:>11}  {:>11}\n", "view", "A PSNR", "A SSIM", "B PSNR",
              "B SSIM", "A vs B PSNR", "A vs B SSIM");
    constexpr std::array<int, compare_columns.size()> widths{8, 6, 8, 6, 11, 11};
    const auto line = [&](const std::string& view, const auto& text_of) {
        std::string cells;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const int digits = i % 2 == 0 ? 2 : 3;  // PSNR and SSIM take turns.
            cells += fmt::format("  {:>{}}", text_of(i, digits), widths.at(i));
        }
        print_err("{:>6}{}\n", view, cells);
    };
    for (const CompareRow& row : table.rows) {
        line(std::to_string(row.view), [&row](std::size_t column, int digits) {
            return figure_text(row.*compare_columns.at(column).value, digits);
        });
    }
    const CompareMean mean = table.mean();
    line("mean", [&](std::size_t column, int digits) {
        return mean_figure_text(mean, column, digits, table.rows.size());
    });
}

Result<void> run_compare(CompareOptions options, const Job& job) {
    LACT_TRY(options.style.mode, parse_compare_mode(options.mode));
    LACT_CHECK(check_comparison_folder(options.output));
    LACT_CHECK(check_output_folder(options.output));
    LACT_TRY(OpenedComparison all, open_sides(options, job));
    LACT_TRY(const ComparedViews compared, compare_views(all, job));
    options.style.scale = std::max(1, least_image_width / all.base.scene->size.width);
    LACT_CHECK(write_all(options.output, all, compared, options));
    job.say(fmt::format("wrote {}", full_path(options.output).string()));
    if (options.json) {
        print_out("{}\n", dump_json(to_json(all, compared, options), 2));
    } else if (options.csv) {
        print_out("{}", csv_of(all, compared.table));
    } else {
        print_table(compared.table);
    }
    return {};
}

}  // namespace

void add_compare_command(CLI::App& app, CommandAction& action) {
    auto* command = app.add_subcommand(
        "compare",
        "Compare two sides (update rules, weights, inputs, photos or ground truth) on held-out views");
    const auto options = std::make_shared<CompareOptions>();
    options->scene.add_to(*command);
    options->scene.add_targets_to(*command);
    options->model.add_to(*command);
    command
        ->add_option(
            "--a", options->a,
            "Side A: current (as the other options say), photo, ground-truth (of a generated scene), or a "
            "comma-separated list of rule=..., weights=..., views=N or I,J,..., precision=... and "
            "form=linear "
            "(every TTT layer by its linear-attention form)")
        ->check(side_validator())
        ->capture_default_str();
    command->add_option("--b", options->b, "Side B, likewise, as in rule=ascent or rule=mse,steps=4,views=4")
        ->check(side_validator())
        ->required();
    command
        ->add_option("--mode", options->mode,
                     "Content of the images: wipe, side (by side), difference (A - B) or error (|A - B|)")
        ->check(CLI::IsMember({"wipe", "side", "difference", "error"}))
        ->capture_default_str();
    command
        ->add_option("--amplify", options->style.amplify,
                     "Differences of 1/X and more take the last colour of the map")
        ->check(CLI::Range(0.1, 1000.0))
        ->capture_default_str();
    command
        ->add_option("-o,--output", options->output,
                     "Folder for images (PNG), comparison.csv and comparison.json")
        ->required();
    auto* json = command->add_flag("--json", options->json, "Print the result as JSON to stdout");
    command->add_flag("--csv", options->csv, "Print the table as CSV to stdout")->excludes(json);
    command->callback(
        [options, &action] { action = [options](const Job& job) { return run_compare(*options, job); }; });
}

}  // namespace lact::app
