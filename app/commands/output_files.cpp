#include "app/commands/output_files.h"

#include "engine/core/text_file.h"
#include "engine/scene/camera.h"

#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

std::filesystem::path default_name(const std::string& name, const std::string& extension) {
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    return fmt::format("lactscope-{}-{:%Y%m%d-%H%M%S}{}{}", name, fmt::localtime(now),
                       extension.empty() ? "" : ".", extension);
}

std::filesystem::path unused(const std::filesystem::path& path) {
    std::filesystem::path name = path;
    std::error_code problem;
    for (int i = 2; std::filesystem::exists(name, problem); ++i) {
        name =
            path.parent_path() / fmt::format("{}-{}{}", path.stem().string(), i, path.extension().string());
    }
    return name;
}

std::optional<std::filesystem::path> destination(Document& document, const std::optional<std::string>& path,
                                                 Output output) {
    if (path) {
        return *path;
    }
    std::filesystem::path name = default_name(output.name, output.extension);
    if (!document.user_present || document.script_acts) {
        return unused(name);
    }
    SaveRequest request;
    request.title = std::move(output.title);
    request.command = std::move(output.command);
    request.arguments = std::move(output.arguments);
    request.argument = std::move(output.argument);
    request.suggested = std::move(name);
    if (!output.extension.empty()) {
        request.extensions.push_back("." + output.extension);
        for (const std::string& other : output.other_extensions) {
            request.extensions.push_back("." + other);
        }
    }
    document.save_request = std::move(request);
    return std::nullopt;
}

std::string why_not_written(const Snapshot& snapshot, const Document& document) {
    const auto& scene = snapshot.scene;
    const auto& state = snapshot.state;
    const auto& frame = snapshot.frame;
    const bool other_rule = state && document.requested_rule && *document.requested_rule != state->rule;
    const bool other_inputs = scene && requested_inputs(document, *scene) != scene->inputs;
    const bool other_size = scene && document.requested_size && *document.requested_size != scene->size;
    const bool older_frame = state && frame && frame->generation != state->generation;
    return other_rule || other_inputs || other_size || older_frame
               ? "A change of rule, photos or size is still being computed, and the screen shows what was "
                 "before it. Save it when that is done."
               : "";
}

bool is_from_here(const Snapshot& snapshot, const Document& document) {
    return snapshot.frame && snapshot.scene &&
           coincide(snapshot.frame->camera, document.viewpoint().camera(snapshot.scene->size));
}

std::string why_no_rendering(const Snapshot& snapshot, const Document& document) {
    if (!snapshot.frame) {
        return "There is no rendering yet.";
    }
    if (std::string why = why_not_written(snapshot, document); !why.empty()) {
        return why;
    }
    return is_from_here(snapshot, document) ? ""
                                            : "The rendering of this camera is still being computed, or has "
                                              "failed: the Status panel says so. Save it when it is there.";
}

std::vector<std::pair<std::string, std::string>> provenance(const Snapshot& snapshot) {
    std::vector<std::pair<std::string, std::string>> about = {{"program", "LaCT Scope " LACT_VERSION}};
    if (snapshot.weights) {
        const WeightsSummary& weights = *snapshot.weights;
        about.emplace_back("weights", dump_json(nlohmann::json{{"file", weights.path.filename().string()},
                                                               {"sha256", weights.sha256},
                                                               {"trained_rule", weights.trained_rule_text}}));
        about.emplace_back("precision", std::string(to_string(weights.precision)));
        about.emplace_back("device", weights.device);
    }
    if (snapshot.state) {
        const StateSummary& state = *snapshot.state;
        about.emplace_back("rule", state.rule_text);
        about.emplace_back("rule_switched_at_inference", state.rule_switched ? "true" : "false");
        const Precision precision = snapshot.weights ? snapshot.weights->precision : Precision::fp32;
        about.emplace_back("ns_precision", std::string(newton_schulz_precision(state.rule, precision)));
    }
    if (snapshot.scene) {
        about.emplace_back("scene", snapshot.scene->name);
        about.emplace_back("inputs", dump_json(nlohmann::json(snapshot.scene->inputs)));
    }
    return about;
}

Result<std::size_t> view_index(std::uint64_t index, std::size_t count) {
    if (index >= count) {
        return fail("view", fmt::format("{} is not there", index),
                    fmt::format("The scene has photos 0 to {}.", count - 1));
    }
    return index;
}

}  // namespace lact::app
