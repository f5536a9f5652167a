#pragma once

#include "engine/model/tensor_map.h"

#include <filesystem>

namespace lact {

/// Reads safetensors. The tensors view the bytes of the file and keep them alive: treat them as read-only.
/// Checks every offset, shape and dtype before use. Types: F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL. `header`
/// checks the same, but reads no data, which may have many gigabytes.
[[nodiscard]] Result<TensorFile> read_safetensors(const std::filesystem::path& path,
                                                  TensorContent content = TensorContent::whole);

/// Writes safetensors atomically: wide types first, so that every tensor is aligned for its type, then in
/// name order.
[[nodiscard]] Result<void> write_safetensors(const std::filesystem::path& path, const TensorFile& file);

}  // namespace lact
