#pragma once

#include "engine/model/tensor_map.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lact {

/// The files of one model that is stored in several, "model-00001-of-00003.safetensors", as Hugging Face's
/// libraries write it.
struct ShardSet {
    std::vector<std::filesystem::path> files;       ///< All there, in the order of their names.
    std::map<std::string, std::string> weight_map;  ///< Tensor -> file name; empty without an index.
};

/// The shards that `path` belongs to, if it is an index (is_shard_index(), with "weight_map") or named as one
/// of several shards; nothing otherwise. A shard finds the index that names it, or its siblings by their
/// names. Errors: shards that are not there (named), an index that cannot be read or names files of other
/// folders.
[[nodiscard]] Result<std::optional<ShardSet>> find_shards(const std::filesystem::path& path);

/// Reads all shards, with the names of the files. Errors: those of the readers, a tensor in two shards, a
/// tensor of the index that its shard does not hold.
[[nodiscard]] Result<TensorFile> read_shards(const ShardSet& shards, TensorContent content);

/// The tensors of the network, selected once among those of the file, or of all shards.
[[nodiscard]] Result<TensorFile> read_network(const std::filesystem::path& path,
                                              const std::optional<ShardSet>& shards, TensorContent content);

}  // namespace lact
