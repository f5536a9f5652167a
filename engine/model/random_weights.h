#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

struct Checkpoint;

/// A configuration of the LaCT-NVS release.
struct ReleasedConfig {
    std::string_view name;  ///< "l24_d768_ttt2x"
    ModelConfig config;
};
/// Those of the release: 12 or 24 layers of width 768, one TTT head, fast weights 1, 2 or 4 times as wide as
/// the head.
[[nodiscard]] const std::vector<ReleasedConfig>& released_configs();
/// Error: an unknown name.
[[nodiscard]] Result<ModelConfig> released_config(std::string_view name);

/// Random weights of a configuration, for measurements of speed: matrices are normal with the variance 1 /
/// (number of inputs), norms are 1, biases 0. The images that they render mean nothing.
[[nodiscard]] Checkpoint random_checkpoint(const ModelConfig& config, std::uint64_t seed);
/// The same as a weight file in bf16. Errors: those of write_checkpoint().
[[nodiscard]] Result<void> write_random_weights(const ModelConfig& config, std::uint64_t seed,
                                                const std::filesystem::path& path);

}  // namespace lact
