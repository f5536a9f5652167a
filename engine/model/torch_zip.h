#pragma once

#include "engine/model/tensor_map.h"

#include <filesystem>
#include <optional>
#include <string_view>

#include <ATen/ATen.h>

namespace lact {

/// Reads the tensors of a PyTorch zip file (`torch.save`) and executes nothing: tensors, numbers, strings and
/// containers are read, other objects are ignored (see pickle.h). Storages of every device are read to the
/// CPU. Names of nested dictionaries are joined by '.'. Of a training checkpoint only the state of the
/// network is read, under its own names (state_names.h), unless `names` asks for those of the file. Every
/// record that is read must have its checksum, where the file holds one.
[[nodiscard]] Result<TensorFile> read_torch_zip(const std::filesystem::path& path,
                                                NamesOf names = NamesOf::network,
                                                TensorContent content = TensorContent::whole);

/// Writes `{"model": OrderedDict of the tensors, "metadata": {…}}` atomically, as torch.save does ("metadata"
/// only if there is any). torch.load(weights_only=True) reads it.
[[nodiscard]] Result<void> write_torch_zip(const std::filesystem::path& path, const TensorFile& file);

/// The element type of a storage by its name in PyTorch's pickles ("torch FloatStorage"; untyped storages
/// count bytes). Nothing if the name is unknown.
[[nodiscard]] std::optional<at::ScalarType> storage_type(std::string_view global);

/// The inverse of storage_type(). Empty for types that have no storage.
[[nodiscard]] std::string_view storage_name(at::ScalarType type);

}  // namespace lact
