#include "engine/model/random_weights.h"

#include "engine/model/checkpoint.h"

#include <cmath>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

namespace lact {

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
