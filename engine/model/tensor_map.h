#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// Named tensors of a file and its text metadata (`__metadata__` of safetensors; in a PyTorch file the
/// dictionary of strings "metadata" beside "model").
struct TensorFile {
    std::map<std::string, at::Tensor> tensors;
    std::map<std::string, std::string> metadata;
    std::string state_from = {};             ///< StateSelection::from; empty if names are those of the file.
    std::vector<std::string> left_out = {};  ///< StateSelection::left_out.
};

/// Which tensors are read, under which names: those of the network under its own names (state_names.h), or
/// all of the file under the names they have there.
enum class NamesOf { network, file };

/// How much is read. `header`: names, types, shapes and metadata; the tensors have no data (device "meta").
enum class TensorContent { header, whole };

enum class TensorFormat { safetensors, torch_zip };
/// The format by the first bytes of the file. Errors: anything else, named for what it is, with the step that
/// gives the right file.
[[nodiscard]] Result<TensorFormat> tensor_format(const std::filesystem::path& path);

/// Reads either format, selected by tensor_format(). A file of another kind, or an incomplete one, is named
/// for what it is (file_kind.h).
[[nodiscard]] Result<TensorFile> read_one_tensor_file(const std::filesystem::path& path, NamesOf names,
                                                      TensorContent content);

/// Reads the network from such a file, or from all shards of a model that is stored in several (shards.h).
[[nodiscard]] Result<TensorFile> read_tensor_file(const std::filesystem::path& path);

/// The shapes of its tensors.
[[nodiscard]] TensorShapes shapes_of(const TensorFile& file);

/// Keeps the tensors of the network, under their own names.
void take_state(TensorFile& file);

}  // namespace lact
