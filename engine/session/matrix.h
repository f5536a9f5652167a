#pragma once

#include <cstdint>
#include <vector>

namespace lact {

enum class FastMatrix { w0, w1, w2 };
enum class MatrixTime { initial, updated, change };  ///< Before the update, after it, and their difference.

/// Which fast-weight matrix.
struct MatrixKey {
    int layer = 0;
    int head = 0;
    FastMatrix which = FastMatrix::w1;
    MatrixTime when = MatrixTime::updated;
    friend bool operator==(const MatrixKey&, const MatrixKey&) = default;
};

/// A matrix to be shown, immutable once made: value (r, c) at r * columns + c. Rows are inputs, columns
/// outputs, as in x W.
struct Matrix {
    MatrixKey key;
    int rows = 0;
    int columns = 0;
    std::vector<float> values;
    std::uint64_t generation = 0;  ///< Of the state it was read from.
};

}  // namespace lact
