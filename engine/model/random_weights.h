#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"

#include <cstdint>
#include <filesystem>

namespace lact {

struct Checkpoint;

/// Random weights of a configuration, for measurements of speed: matrices are normal with the variance 1 /
/// (number of inputs), norms are 1, biases 0. The images that they render mean nothing.
[[nodiscard]] Checkpoint random_checkpoint(const ModelConfig& config, std::uint64_t seed);
/// The same as a weight file in bf16. Errors: those of write_checkpoint().
[[nodiscard]] Result<void> write_random_weights(const ModelConfig& config, std::uint64_t seed,
                                                const std::filesystem::path& path);

}  // namespace lact
