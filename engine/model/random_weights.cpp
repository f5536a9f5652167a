#include "engine/model/random_weights.h"

#include "engine/model/checkpoint.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {

const std::vector<ReleasedConfig>& released_configs() {
    static const std::vector<ReleasedConfig> all = [] {
        const auto of = [](int layers, double multiple) {
            ModelConfig config;
            config.layers = layers;
            config.d = 768;
            config.ttt_head = 768;
            config.hidden_multiple = multiple;
            return config;
        };
        return std::vector<ReleasedConfig>{{"l12_d768_ttt1x", of(12, 1)},
                                           {"l12_d768_ttt2x", of(12, 2)},
                                           {"l24_d768_ttt2x", of(24, 2)},
                                           {"l24_d768_ttt4x", of(24, 4)}};
    }();
    return all;
}

Result<ModelConfig> released_config(std::string_view name) {
    const auto found = std::ranges::find(released_configs(), name, &ReleasedConfig::name);
    if (found != released_configs().end()) {
        return found->config;
    }
    std::vector<std::string_view> names;
    for (const ReleasedConfig& one : released_configs()) {
        names.push_back(one.name);
    }
    return fail("configuration", fmt::format("'{}' is not one of the release", name),
                fmt::format("There are {}.", fmt::join(names, ", ")));
}

Checkpoint random_checkpoint(const ModelConfig& config, std::uint64_t seed) {
    Checkpoint checkpoint;
    checkpoint.config = config;
    checkpoint.format = "safetensors";
    checkpoint.dtype = "fp32";
    checkpoint.info.name = "random";
    const at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    for (const auto& [name, shape] : expected_shapes(config)) {
        at::Tensor value;
        if (shape.size() == 1) {
            value = name.ends_with("bias") ? at::zeros(shape) : at::ones(shape);
        } else {
            // Slow weights are [out, in], fast weights [heads, in, out].
            const std::int64_t inputs = shape[1];
            value = at::randn(shape, generator) / std::sqrt(static_cast<double>(inputs));
        }
        checkpoint.parameters += value.numel();
        checkpoint.file.tensors.emplace(name, value);
    }
    return checkpoint;
}

Result<void> write_random_weights(const ModelConfig& config, std::uint64_t seed,
                                  const std::filesystem::path& path) {
    return write_checkpoint(random_checkpoint(config, seed), path, StoredType::bf16);
}

}  // namespace lact
