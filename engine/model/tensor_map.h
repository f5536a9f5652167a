#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <ATen/ATen.h>

namespace lact {

/// Named tensors of a file, with the file's text metadata (safetensors `__metadata__`; in a .pt of
/// ours the dictionary of texts "metadata" beside "model").
struct TensorFile {
    std::map<std::string, at::Tensor> tensors;
    std::map<std::string, std::string> metadata;
};

/// Reads safetensors. The file is memory-mapped and the tensors view the map (they keep it alive): treat them
/// as read-only. Every offset, shape and dtype is checked before it is used. Types: F64 F32 F16 BF16 I64 I32
/// I16 I8 U8 BOOL.
[[nodiscard]] Result<TensorFile> read_safetensors(const std::filesystem::path& path);

/// Writes safetensors atomically: wide types first so that every tensor is aligned for its type, then in name
/// order.
[[nodiscard]] Result<void> write_safetensors(const std::filesystem::path& path, const TensorFile& file);

/// Reads the tensors of a PyTorch zip file (`torch.save`) without executing what its pickle names: only
/// tensors, numbers, strings and containers are understood, anything else is an error that names it. Storages
/// tagged with any device are read to the CPU. Nested dictionaries become names joined by '.'; a top-level
/// "model" (or "state_dict", "module") dictionary of tensors is taken alone when there is one.
[[nodiscard]] Result<TensorFile> read_torch_zip(const std::filesystem::path& path);

/// Writes `{"model": OrderedDict of the tensors, "metadata": {…}}` (the second only where there is any) as
/// torch.save does, atomically; torch.load(weights_only=True) reads it.
[[nodiscard]] Result<void> write_torch_zip(const std::filesystem::path& path, const TensorFile& file);

enum class TensorFormat { safetensors, torch_zip };
/// By the file's first bytes; an error for anything else (with advice for PyTorch files of before 1.6).
[[nodiscard]] Result<TensorFormat> tensor_format(const std::filesystem::path& path);

/// Whichever of the two the file's first bytes say it is.
[[nodiscard]] Result<TensorFile> read_tensor_file(const std::filesystem::path& path);

/// The element type of a storage as PyTorch's pickles name it ("torch FloatStorage"; untyped storages count
/// bytes), or nothing where the name is unknown.
[[nodiscard]] std::optional<at::ScalarType> storage_type(std::string_view global);

/// The other way; empty for types that have no storage we write.
[[nodiscard]] std::string_view storage_name(at::ScalarType type);

}  // namespace lact
