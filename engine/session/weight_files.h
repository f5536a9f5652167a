#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace lact {

/// What a weight file is, without putting it on a device.
struct WeightFileInfo {
    std::string format;  ///< "safetensors" or "pt"
    std::string sha256;
    std::string dtype;
    long long parameters = 0;
    std::size_t tensors = 0;
    ModelConfig config;
    WeightsInfo info;
};

/// Reads and checks a weight file (load_checkpoint) and describes it.
[[nodiscard]] Result<WeightFileInfo> describe_weights(const std::filesystem::path& path);

/// Turns one form into the other: the output's ending, .safetensors or .pt, says which. `type`: keep, fp32,
/// fp16, bf16. `enlarge`: 1, or how many times larger pictures (and patches) are to be (enlarge_patch()).
[[nodiscard]] Result<void> convert_weights(const std::filesystem::path& input,
                                           const std::filesystem::path& output, std::string_view type,
                                           int enlarge = 1);

}  // namespace lact
