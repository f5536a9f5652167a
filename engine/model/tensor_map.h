#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <map>
#include <string>

#include <ATen/ATen.h>

namespace lact {

/// Named tensors of a file and its text metadata (`__metadata__` of safetensors; in a PyTorch file the
/// dictionary of strings "metadata" beside "model").
struct TensorFile {
    std::map<std::string, at::Tensor> tensors;
    std::map<std::string, std::string> metadata;
};

enum class TensorFormat { safetensors, torch_zip };
/// The format by the first bytes of the file. Errors: anything else (with advice for PyTorch files older
/// than 1.6).
[[nodiscard]] Result<TensorFormat> tensor_format(const std::filesystem::path& path);

/// Reads either format, selected by tensor_format().
[[nodiscard]] Result<TensorFile> read_tensor_file(const std::filesystem::path& path);

}  // namespace lact
