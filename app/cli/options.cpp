#include "app/cli/options.h"

#include "app/cli/checked.h"
#include "app/platform/assets.h"
#include "app/platform/terminal.h"
#include "engine/core/counted.h"
#include "engine/procedural/world_family.h"
#include "engine/session/scene_header.h"
#include "engine/ttt/rule_schema.h"

#include <cctype>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

std::string rule_help() {
    std::vector<std::string_view> presets;
    for (const RulePreset& preset : rule_presets()) {
        presets.push_back(preset.name);
    }
    return fmt::format(
        "Update rule: a preset ({}), switches ({}), or a preset and switches that change it, as in "
        "mse,steps=4,norm=off (default: as the weights were trained)",
        fmt::join(presets, ", "), rule_syntax());
}

}  // namespace

Result<UpdateRule> chosen_rule(const ModelOptions& options, const Model& model) {
    UpdateRule rule = model.trained_rule();
    if (!options.rule.empty()) {
        LACT_TRY(rule, parse_update_rule(options.rule));
        if (options.rule.find("ns=") == std::string::npos) {
            rule.ns_precision = model.trained_rule().ns_precision;
        }
    }
    if (!options.ns_precision.empty()) {
        if (model.precision() == Precision::fp64) {
            return fail("--ns-precision",
                        "has no effect with --precision fp64, where all is computed in fp64",
                        "Leave one of them out.");
        }
        LACT_TRY(rule.ns_precision, parse_ns_precision(options.ns_precision));
    }
    return rule;
}

Result<std::optional<Precision>> parse_requested_precision(std::string_view text) {
    if (text == automatic_precision) {
        return std::nullopt;
    }
    return parse_precision(text);
}

Result<ComputeOptions> ModelOptions::compute() const {
    LACT_TRY(const auto requested, parse_requested_precision(precision));
    return ComputeOptions{device, requested, threads};
}

Result<std::shared_ptr<const Model>> open_model(const ModelOptions& options) {
    std::filesystem::path weights = options.weights;
    if (weights.empty()) {
        LACT_TRY(weights, find_bundled_weights(bundled_weights().front().name));
    }
    LACT_TRY(const ComputeOptions compute, options.compute());
    LACT_TRY(auto model, Model::load(weights, compute));
    if (const auto remark = precision_remark(model->precision(), model->device_name()); !remark.empty()) {
        print_err("warning: {}\n", remark);
    }
    return model;
}

void ModelOptions::add_to(CLI::App& command) {
    command.add_option("--weights", weights,
                       fmt::format("Weight file, .safetensors or .pt (default: the bundled {})",
                                   bundled_weights().front().name));
    command.add_option("--rule", rule, rule_help())->check(checked(parse_update_rule, "RULE"));
    add_device_option(command, device);
    add_precision_option(command, precision);
    command
        .add_option("--ns-precision", ns_precision,
                    "Precision of Newton-Schulz: bf16 (as released), fp16 or fp32 (default: as in training)")
        ->check(CLI::IsMember({"bf16", "fp16", "fp32"}));
    add_threads_option(command, threads);
}

void ModelOptions::add_form_to(CLI::App& command) {
    command
        .add_option("--form", form,
                    "What computes the TTT layers: ttt (test-time training), or linear (their "
                    "linear-attention form alone)")
        ->check(CLI::IsMember({"ttt", "linear"}))
        ->capture_default_str();
}

void SceneOptions::add_to(CLI::App& command, bool required) {
    command
        .add_option(
            "--scene", scene,
            required
                ? "Scene folder (with opencv_cameras.json, transforms.json or a COLMAP model), or its camera "
                  "file"
                : fmt::format("Scene folder (JSON or COLMAP), or its camera file (default: the bundled {})",
                              bundled_scenes().front().name))
        ->required(required);
    auto* count = command
                      .add_option("--inputs", inputs,
                                  "Number of input views, chosen by farthest-point sampling from view 0")
                      ->check(CLI::PositiveNumber)
                      ->capture_default_str();
    command
        .add_option(
            "--input-indices", input_indices,
            "Indices of the input views, as in 0,8,28: from 0, photos that cannot be used do not count")
        ->delimiter(',')
        ->excludes(count);
    command
        .add_option("--size", size,
                    "Image size in pixels, N or WxH (default: the largest size of the training)")
        ->check(checked(parse_size, "SIZE"));
    command
        .add_option("--normalize", normalize,
                    "Pose normalization: auto, none, mean-pose (as released for scenes) or object")
        ->check(checked(parse_normalization, "NORMALIZATION"))
        ->capture_default_str();
}

void SceneOptions::add_targets_to(CLI::App& command) {
    command
        .add_option(
            "--targets", targets,
            "Indices of the target views, as in 1,2,3: counted in the same way (default: all views but the "
            "inputs and outlying cameras)")
        ->delimiter(',');
}

Result<SceneRequest> SceneOptions::request() const {
    SceneRequest request;
    request.path = scene;
    if (scene.empty()) {
        LACT_TRY(request.path, find_bundled_scene(bundled_scenes().front().name));
    }
    request.input_count = inputs;
    request.inputs = input_indices;
    LACT_TRY(request.normalization, parse_normalization(normalize));
    if (!size.empty()) {
        LACT_TRY(request.size, parse_size(size));
    }
    if (!targets.empty()) {
        request.targets = targets;
    }
    return request;
}

Result<LoadedScene> load_scene_that_fits(const SceneRequest& request, const Model& model, const Job& job) {
    LACT_TRY(SceneFiles files, read_scene(request.path));
    const SceneHeader probe =
        probe_scene(files, request, model.config(), default_size(model.info()),
                    {available_cpu_bytes(), model.on_cpu(), value_bytes(model.precision())});
    job.say(probe.name + ": " + probe.sentence());
    LACT_CHECK(probe.check());
    return load_scene(std::move(files), request, model.config(), model.info(), job);
}

Result<Opened> open(const ModelOptions& options, const SceneOptions& scene_options, const Job& job,
                    bool with_targets) {
    LACT_TRY(SceneRequest request, scene_options.request());
    if (!with_targets) {
        request.targets = std::vector<std::size_t>{};
    }
    LACT_TRY(auto model, open_model(options));
    LACT_TRY(const UpdateRule rule, chosen_rule(options, *model));
    LACT_TRY(LoadedScene scene, load_scene_that_fits(request, *model, job));
    for (const SceneRemark& remark : scene.remarks) {
        job.say("warning: " + remark.text);
    }
    Session session(model);
    LACT_TRY(const LayerForm form, parse_layer_form(options.form));
    const LayerForms forms(static_cast<std::size_t>(model->config().layers), form);
    LACT_TRY(const double milliseconds, session.set_up(scene.input_views(), rule, job, {{}, forms}));
    job.say(fmt::format("{}: {} at {}x{}, weights {}, rule {}, {} on {}, set up in {:.0f} ms",
                        scene.set->files.name, counted(scene.inputs.size(), "input view"),
                        scene.set->size.width, scene.set->size.height, model->path().filename().string(),
                        describe_rule(session), to_string(model->precision()), model->device_name(),
                        milliseconds));
    return Opened{std::move(model), std::move(scene), std::move(session), milliseconds};
}

std::string describe_rule(const Model& model, UpdateRule rule, LayerForm form) {
    const bool switched = !same_but_precision(rule, model.trained_rule());
    const std::string_view precision = newton_schulz_precision(rule, model.precision());
    rule.ns_precision = NsPrecision::bf16;
    std::string text = format(rule);
    if (form == LayerForm::linear) {
        text += " by linear attention";
    } else if (rule.orthogonalize) {
        text += fmt::format(" (Newton-Schulz in {})", precision);
    }
    return switched
               ? fmt::format("{}, switched at inference; trained with {}", text, model.info().trained_rule())
               : fmt::format("{}, {}", text, model.info().as_trained());
}

std::string describe_rule(const Session& session) {
    const LayerForms& forms = session.forms();
    return describe_rule(session.model(), session.rule(), forms.empty() ? LayerForm::ttt : forms.front());
}

nlohmann::json provenance(const Opened& opened) {
    const ViewSet& set = *opened.scene.set;
    const Model& model = *opened.model;
    return {{"program", "LaCT Scope " LACT_VERSION},
            {"weights",
             {{"file", model.path().filename().string()},
              {"sha256", model.sha256()},
              {"trained_rule", model.info().trained_rule()}}},
            {"rule", format(opened.session.rule())},
            {"rule_switched_at_inference", opened.session.rule_switched()},
            {"form", opened.session.forms().empty() ? "ttt" : to_string(opened.session.forms().front())},
            {"precision", to_string(model.precision())},
            {"ns_precision", newton_schulz_precision(opened.session.rule(), model.precision())},
            {"device", model.device_name()},
            {"scene", set.files.name},
            {"normalization", to_string(set.normalization.normalization)},
            {"inputs", opened.scene.inputs},
            {"size", {set.size.width, set.size.height}}};
}

void add_device_option(CLI::App& command, std::string& device) {
    command.add_option("--device", device, "Compute device: auto, cpu, cuda or cuda:i")
        ->capture_default_str();
}

void add_precision_option(CLI::App& command, std::string& precision) {
    command
        .add_option(
            "--precision", precision,
            "Precision: auto (fp32 on a CPU, bf16 on a GPU), fp32 (reference), bf16 (faster on devices "
            "with bf16 units), or fp64 (slow, for checks)")
        ->check(CLI::IsMember({"auto", "fp32", "bf16", "fp64"}))
        ->capture_default_str();
}

void add_threads_option(CLI::App& command, int& threads) {
    command.add_option("--threads", threads, "CPU threads (0: one per core)")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
}

void add_json_flag(CLI::App& command, bool& json) {
    command.add_flag("--json", json, "Print the result as JSON to stdout");
}

CLI::Option* add_family_option(CLI::App& command, std::string& family, const std::string& about,
                               const std::string& note) {
    std::string text = about + ": ";
    for (const WorldFamily* const built_in : built_in_families()) {
        std::string title = built_in->title;
        title.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(title.front())));
        text += fmt::format("{} ({}), ", built_in->name, title);
    }
    text += "or a JSON file as in assets/families" + note;
    return command.add_option("--family", family, text)->check([](const std::string& given) {
        const auto found = find_family(given);
        return found ? std::string() : found.error().message();
    });
}

}  // namespace lact::app
