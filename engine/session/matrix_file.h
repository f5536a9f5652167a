#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace lact {

/// A matrix with a name, for files of numbers: value (r, c) at r * columns + c.
struct NamedMatrix {
    std::string name;
    int rows = 0;
    int columns = 0;
    std::vector<float> values;
};

/// Writes matrices as safetensors (fp32, rows x columns each), atomically. Errors: two of one name, sizes
/// that do not fit the values, a file that cannot be written.
[[nodiscard]] Result<void> write_matrices(const std::filesystem::path& path,
                                          std::span<const NamedMatrix> matrices,
                                          const std::map<std::string, std::string>& metadata);

}  // namespace lact
