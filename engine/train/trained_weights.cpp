#include "engine/train/trained_weights.h"

#include "engine/core/text_file.h"
#include "engine/train/sample_order.h"
#include "engine/train/trainable_network.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace lact {
namespace {

using Json = nlohmann::ordered_json;

/// Sizes and numbers of input views of the last stage that has begun. Sizes of earlier stages alone do not
/// count: vehicles trained at 64x64 after 32x32 fall from 22.7 to 17.2 dB at 32x32, below the silhouette
/// baseline.
void add_stages(Json& json, const TrainConfig& config, long long step) {
    std::size_t last = 0;
    long long before = config.stages.front().steps;
    while (before < step && last + 1 < config.stages.size()) {
        before += config.stages[++last].steps;
    }
    const std::vector<int> sizes = config.stages[last].sizes();
    CountRange views{config.stages[last].inputs};
    for (std::size_t i = 0; i <= last; ++i) {
        for (std::size_t turn = 0; turn < config.stages[i].turns(); ++turn) {
            const BatchShape& shape = config.stages[i].shape(turn);
            if (std::ranges::find(sizes, shape.size) != sizes.end()) {
                views = {std::min(views.min, shape.inputs.min), std::max(views.max, shape.inputs.max)};
            }
        }
    }
    json["trained_sizes"] = Json::array();
    for (auto size = sizes.rbegin(); size != sizes.rend(); ++size) {  // Smallest first.
        json["trained_sizes"].push_back({*size, *size});
    }
    json["trained_views"] = {views.min, views.max};
}

std::string metadata(const TrainConfig& config, const TrainingProgress& progress,
                     const WeightsOrigin& origin) {
    const ModelConfig& model = config.model;
    UpdateRule rule = train_rule(config);
    Json json;
    json["name"] = config.name;
    json["config"] = {{"layers", model.layers},
                      {"d", model.d},
                      {"attention_head", model.attention_head},
                      {"ttt_head", model.ttt_head},
                      {"hidden_multiple", model.hidden_multiple},
                      {"patch", model.patch}};
    if (model.query_is_key) {
        json["config"]["query_is_key"] = true;
    }
    json["ns_precision"] = to_string(rule.ns_precision);
    rule.ns_precision = NsPrecision::bf16;
    json["rule"] = format(rule);
    add_stages(json, config, progress.step);
    json["train_radius"] = origin.train_radius ? Json(*origin.train_radius) : Json();
    const bool objects = std::all_of(config.families.begin(), config.families.end(),
                                     [](const auto* family) { return family->kind == WorldKind::object; });
    json["background"] = objects ? "white" : "any";
    json["families"] = Json::array();
    for (const WorldFamily* family : config.families) {
        json["families"].push_back({{"name", family->name}, {"version", family->version}});
    }
    json["scenes_seen"] = SampleOrder(config).samples_before(progress.step);
    constexpr double per_hour = 3600;
    json["hours"] = std::round(progress.seconds / per_hour * 1e4) / 1e4;
    json["scenes_seen_in_all"] = progress.scenes_before + SampleOrder(config).samples_before(progress.step);
    json["hours_in_all"] = std::round((progress.hours_before + progress.seconds / per_hour) * 1e4) / 1e4;
    json["precision"] = config.precision == TrainPrecision::bf16 ? "bf16" : "fp32";
    json["device"] = origin.device;
    json["generator_version"] = origin.generator_version;
    json["parent"] = progress.parent.empty() ? Json() : Json(progress.parent);
    json["steps"] = progress.step;
    json["revision"] = progress.revision;
    return dump_json(json);
}

}  // namespace

Checkpoint trained_weights(const TrainConfig& config, const TrainingProgress& progress,
                           const WeightsOrigin& origin, const std::map<std::string, at::Tensor>& parameters) {
    Checkpoint checkpoint;
    checkpoint.path = config.name;
    checkpoint.format = "safetensors";
    checkpoint.dtype = "bf16";
    checkpoint.config = config.model;
    for (const auto& [name, tensor] : parameters) {
        if (name == TrainableNetwork::auxiliary_parameter) {
            continue;  // Only training uses it; the file keeps the released format.
        }
        checkpoint.file.tensors.emplace(name, tensor.detach().to(at::kCPU, at::kBFloat16).contiguous());
        checkpoint.parameters += tensor.numel();
    }
    checkpoint.file.metadata["lact"] = metadata(config, progress, origin);
    return checkpoint;
}

}  // namespace lact
