#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/compare/compare_table.h"
#include "app/document/scene_remarks.h"
#include "app/platform/terminal.h"
#include "engine/core/counted.h"
#include "engine/core/printable.h"
#include "engine/core/text_file.h"
#include "engine/session/evaluate.h"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

struct EvalOptions {
    ModelOptions model;
    SceneOptions scene;
    bool json = false;
};

/// Error: a target is an input, which is not held out.
Result<void> check_held_out(const LoadedScene& scene) {
    for (const std::size_t target : scene.targets) {
        if (std::ranges::find(scene.inputs, target) != scene.inputs.end()) {
            return fail("--targets", fmt::format("{} is an input view, and not held out", target),
                        "Leave it out, or choose the inputs with --input-indices.");
        }
    }
    return {};
}

nlohmann::json to_json(const Opened& opened, const Evaluation& evaluation) {
    nlohmann::json views = nlohmann::json::array();
    for (const ViewScore& view : evaluation.views) {
        views.push_back({{"index", view.index},
                         {"photo", opened.scene.set->photo_name(view.index)},
                         {"psnr", json_number(view.psnr)},
                         {"psnr_foreground", json_number(view.psnr_foreground)},
                         {"psnr_nearest_view", json_number(view.psnr_nearest_view)},
                         {"ssim", view.ssim},
                         {"ms", view.milliseconds}});
    }
    nlohmann::json result = provenance(opened);
    result["psnr"] = {{"mean", json_number(evaluation.psnr)},
                      {"nearest_view", json_number(evaluation.psnr_nearest_view)},
                      {"foreground", json_number(evaluation.psnr_foreground)}};
    result["ssim"] = {{"mean", evaluation.ssim}};
    result["views"] = std::move(views);
    result["setup_ms"] = opened.setup_milliseconds;
    result["weights"]["file"] = opened.model->path().string();
    result["remarks"] = remarks_to_json(opened.scene.remarks);
    return result;
}

void print_table(const Opened& opened, const Evaluation& evaluation) {
    print_out("\n{:>6}  {:>7}  {:>10}  {:>12}  {:>6}  {:>7}  {}\n", "view", "PSNR dB", "foreground",
              "nearest view", "SSIM", "ms", "photo");
    for (const ViewScore& view : evaluation.views) {
        print_out("{:>6}  {:>7.2f}  {:>10.2f}  {:>12.2f}  {:>6.3f}  {:>7.1f}  {}\n", view.index, view.psnr,
                  view.psnr_foreground, view.psnr_nearest_view, view.ssim, view.milliseconds,
                  printable_line(opened.scene.set->photo_name(view.index)));
    }
    print_out("{:>6}  {:>7.2f}  {:>10.2f}  {:>12.2f}  {:>6.3f}\n", "mean", evaluation.psnr,
              evaluation.psnr_foreground, evaluation.psnr_nearest_view, evaluation.ssim);
    print_out(
        "\n{} of {}, weights {}, rule {}. Means of dB. \"nearest view\": PSNR of the nearest input photo.\n",
        counted(evaluation.views.size(), "held-out view"), printable_line(opened.scene.set->files.name),
        printable_line(opened.model->path().filename().string()), describe_rule(opened.session));
    if (!opened.scene.remarks.empty()) {
        print_out("\n{}:\n{}", remarks_title(opened.scene.remarks.size()),
                  remarks_text(remarks_to_json(opened.scene.remarks)));
    }
}

}  // namespace

void add_eval_command(CLI::App& app, CommandAction& action) {
    auto* command =
        app.add_subcommand("eval", "Render held-out views of a scene and measure them against their photos");
    const auto options = std::make_shared<EvalOptions>();
    options->scene.add_to(*command);
    options->scene.add_targets_to(*command);
    options->model.add_to(*command);
    options->model.add_form_to(*command);
    add_json_flag(*command, options->json);
    command->callback([options, &action] {
        action = [options](const Job& job) -> Result<void> {
            LACT_TRY(Opened opened, open(options->model, options->scene, job));
            LACT_CHECK(check_held_out(opened.scene));
            LACT_TRY(const Evaluation evaluation, evaluate(opened.session, opened.scene, job));
            if (options->json) {
                print_out("{}\n", dump_json(to_json(opened, evaluation), 2));
            } else {
                print_table(opened, evaluation);
            }
            return {};
        };
    });
}

}  // namespace lact::app
