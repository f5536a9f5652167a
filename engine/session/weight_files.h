#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/model/config.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// Description of a weight file.
struct WeightFileInfo {
    std::string format;  ///< "safetensors" or "pt"
    std::string sha256;
    std::string dtype;
    long long parameters = 0;
    std::size_t tensors = 0;
    ModelConfig config;
    WeightsInfo info;
    std::string state_from;             ///< Prefix of the tensors that were read, "ema.module"; may be empty.
    std::vector<std::string> left_out;  ///< What lies beside them, "optimizer".
};

/// Reads, checks and describes a weight file without moving it to a device. Errors: those of
/// load_checkpoint().
[[nodiscard]] Result<WeightFileInfo> describe_weights(const std::filesystem::path& path);

/// Converts a weight file. The extension of the output, .safetensors or .pt, selects the format. `type` is
/// keep, fp32, fp16 or bf16. `enlarge` is 1, or the factor by which images and patches grow
/// (enlarge_patch()). Errors: those of load_checkpoint(), any other extension or type, a file that cannot be
/// written; the job was stopped, and nothing was written.
[[nodiscard]] Result<void> convert_weights(const std::filesystem::path& input,
                                           const std::filesystem::path& output, std::string_view type,
                                           int enlarge = 1, const Job& job = {});

}  // namespace lact
