#include "engine/model/enlarge_patch.h"

#include <string>

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

/// Repeats each pixel of patches laid out as (ph pw c) along dimension 0: [p p c, d] -> [fp fp c, d].
at::Tensor repeat_pixels(const at::Tensor& rows, int64_t patch, int64_t factor) {
    const int64_t d = rows.size(1);
    const int64_t channels = rows.size(0) / patch / patch;
    return rows.view({patch, 1, patch, 1, channels, d})
        .expand({patch, factor, patch, factor, channels, d})
        .reshape({patch * factor * patch * factor * channels, d});
}

std::string larger_metadata(const Checkpoint& checkpoint, int factor) {
    auto json = nlohmann::json::parse(checkpoint.info.metadata_json, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) {
        json = nlohmann::json::object();
    }
    json["parent"] = checkpoint.sha256;
    json["enlarged"] = factor;
    if (json.contains("config") && json["config"].is_object()) {
        json["config"]["patch"] = checkpoint.config.patch * factor;
    }
    if (json.contains("trained_sizes")) {
        json["trained_sizes"] = nlohmann::json::array();
        for (const auto& size : checkpoint.info.trained_sizes) {
            json["trained_sizes"].push_back({size[0] * factor, size[1] * factor});
        }
    }
    return json.dump();
}

}  // namespace

Result<Checkpoint> enlarge_patch(const Checkpoint& checkpoint, int factor) {
    if (factor < 2) {
        return fail("enlarge", "the factor " + std::to_string(factor) + " is not at least 2");
    }
    Checkpoint larger = checkpoint;
    const int64_t patch = checkpoint.config.patch;
    auto& input = larger.file.tensors.at("input_linear.weight");
    const auto spread = repeat_pixels(input.to(at::kFloat).t().contiguous(), patch, factor);
    input = (spread.t() / (factor * factor)).contiguous().to(input.scalar_type());
    auto& output = larger.file.tensors.at("image_token_decoder.1.weight");
    output = repeat_pixels(output.contiguous(), patch, factor).contiguous();
    larger.config.patch *= factor;
    larger.file.metadata["lact"] = larger_metadata(checkpoint, factor);
    LACT_TRY(larger.info, parse_weights_info(larger.file.metadata["lact"]));
    return larger;
}

}  // namespace lact
