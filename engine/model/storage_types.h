#pragma once

#include <optional>
#include <string_view>

#include <ATen/ATen.h>

namespace lact {

/// The element type of a storage as PyTorch's pickles name it ("torch FloatStorage"; untyped storages count
/// bytes), or nothing where the name is unknown.
[[nodiscard]] std::optional<at::ScalarType> storage_type(std::string_view global);

/// The other way; empty for types that have no storage we write.
[[nodiscard]] std::string_view storage_name(at::ScalarType type);

}  // namespace lact
