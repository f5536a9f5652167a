#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace lact {

enum class FastMatrix { w0, w1, w2 };
enum class MatrixTime { initial, updated, change };  ///< Before the update, after it, and their difference.

/// Identifies a fast-weight matrix.
struct MatrixKey {
    int layer = 0;
    int head = 0;
    FastMatrix which = FastMatrix::w1;
    MatrixTime when = MatrixTime::updated;
    friend bool operator==(const MatrixKey&, const MatrixKey&) = default;
};

/// A matrix for display: value (r, c) is at r * columns + c. Rows are inputs, columns outputs, as in x W.
/// Immutable.
struct Matrix {
    MatrixKey key;
    int rows = 0;
    int columns = 0;
    std::vector<float> values;
    std::uint64_t generation = 0;  ///< Session::generation() of the state it was read from.
};

/// A named matrix for files: value (r, c) is at r * columns + c.
struct NamedMatrix {
    std::string name;
    int rows = 0;
    int columns = 0;
    std::vector<float> values;
};

/// Writes matrices atomically as safetensors, fp32, rows x columns each. Errors: two matrices of one name,
/// sizes that do not match the values, a file that cannot be written.
[[nodiscard]] Result<void> write_matrices(const std::filesystem::path& path,
                                          std::span<const NamedMatrix> matrices,
                                          const std::map<std::string, std::string>& metadata);

}  // namespace lact
