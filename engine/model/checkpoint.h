#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"
#include "engine/model/config_derivation.h"
#include "engine/model/tensor_map.h"

#include <filesystem>
#include <string>

namespace lact {

/// A weight file that fits LaCT-NVS: every tensor is there, with the shape the configuration asks for.
struct Checkpoint {
    std::filesystem::path path;
    std::string format;  ///< "safetensors" or "pt".
    std::string sha256;  ///< Of the file.
    std::string dtype;   ///< "fp32", "fp16", "bf16", "fp64" or "mixed".
    ModelConfig config;
    WeightsInfo info;
    TensorFile file;
    long long parameters = 0;
};

/// Reads and checks a weight file. The configuration is derived from the tensors' shapes; metadata decides
/// what shapes cannot (attention head width: otherwise the width of q_norm) and must agree with them.
/// Unknown, missing or misshapen tensors give one error that names the first ten and what was expected.
[[nodiscard]] Result<Checkpoint> load_checkpoint(const std::filesystem::path& path);

/// The metadata of our weight files (see WeightsInfo) parsed from JSON text; errors name the field. Unknown
/// fields stay in metadata_json and are otherwise passed over, null stands for an absent field.
[[nodiscard]] Result<WeightsInfo> parse_weights_info(const std::string& json_text);

enum class StoredType { keep, fp32, fp16, bf16 };

/// Writes the checkpoint as safetensors or, by the name's ending `.pt` or `.pth`, as a PyTorch zip file
/// `{"model": state_dict}` that torch.load(weights_only=True) reads.
[[nodiscard]] Result<void> write_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path,
                                            StoredType type);

/// The same network for pictures `factor` times as large: its patches become as much larger, so the number of
/// tokens stays. It starts as what it was on pictures shrunk by averaging factor x factor pixels, its output
/// enlarged by repeating pixels: a starting point for training at the larger size, not a better network.
/// Metadata: sizes and patch follow, the parent is the checkpoint's sha256. Errors: a factor below 2.
[[nodiscard]] Result<Checkpoint> enlarge_patch(const Checkpoint& checkpoint, int factor);

}  // namespace lact
