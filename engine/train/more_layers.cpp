#include "engine/train/more_layers.h"

#include <string_view>

#include <fmt/format.h>

namespace lact {
namespace {

constexpr std::string_view block_prefix = "blocks.";
constexpr std::string_view output_projection = ".c_proj.weight";

}  // namespace

bool is_deeper(const ModelConfig& wanted, const ModelConfig& has) {
    ModelConfig as_deep = has;
    as_deep.layers = wanted.layers;
    return wanted.layers > has.layers && wanted == as_deep;
}

std::map<std::string, at::Tensor> with_more_layers(const std::map<std::string, at::Tensor>& tensors, int has,
                                                   int layers) {
    std::map<std::string, at::Tensor> result;
    for (const auto& [name, tensor] : tensors) {
        if (!name.starts_with(block_prefix)) {
            result.emplace(name, tensor);
        }
    }
    int last_source = -1;
    for (int layer = 0; layer < layers; ++layer) {
        const int source = layer * has / layers;
        const bool copy = source == last_source;
        last_source = source;
        const std::string from = fmt::format("{}{}.", block_prefix, source);
        for (auto at = tensors.lower_bound(from); at != tensors.end() && at->first.starts_with(from); ++at) {
            const auto& [name, tensor] = *at;
            const bool output = copy && name.ends_with(output_projection);
            result.emplace(fmt::format("{}{}.{}", block_prefix, layer, name.substr(from.size())),
                           output ? at::zeros_like(tensor) : tensor);
        }
    }
    return result;
}

}  // namespace lact
