#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"
#include "engine/model/tensor_map.h"

#include <filesystem>
#include <string>

namespace lact {

/// A checked weight file of LaCT-NVS: every tensor exists and has the shape that the configuration requires.
struct Checkpoint {
    std::filesystem::path path;
    std::string format;  ///< "safetensors" or "pt"; "safetensors (3 shards)".
    /// Of the file, as hexadecimal digits; of shards: of the lines of their SHA-256, in name order.
    std::string sha256;
    std::string dtype;  ///< "fp32", "fp16", "bf16", "fp64" or "mixed".
    ModelConfig config;
    WeightsInfo info;
    TensorFile file;
    long long parameters = 0;
};

/// Reads and checks a weight file. The configuration follows from the tensors' shapes alone; sizes that the
/// metadata states must agree with it. Unknown, missing or misshapen tensors give one error that names the
/// first ten and the expected shapes, before any data is read. Training checkpoints, prefixed names
/// (state_names.h) and shards (shards.h) are read; a file of another kind is named for what it is, with the
/// step that gives the right one.
[[nodiscard]] Result<Checkpoint> load_checkpoint(const std::filesystem::path& path);

enum class StoredType { keep, fp32, fp16, bf16 };

/// Writes the checkpoint as safetensors or, if the name ends in `.pt` or `.pth`, as a PyTorch zip file
/// `{"model": state_dict}` that torch.load(weights_only=True) reads.
[[nodiscard]] Result<void> write_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path,
                                            StoredType type);

/// The network for images `factor` times as large (factor >= 2): the patch size grows by the same factor, so
/// the number of tokens stays. Input weights average factor x factor pixels and output weights repeat each
/// pixel, so the network starts as the old one on reduced images. This is a starting point for training at
/// the larger size, not a better network. The metadata records the new sizes and patch, and the sha256 of
/// the checkpoint as parent. Errors: factor < 2.
[[nodiscard]] Result<Checkpoint> enlarge_patch(const Checkpoint& checkpoint, int factor);

}  // namespace lact
