#include "engine/session/matrix.h"

#include "engine/core/counted.h"
#include "engine/model/safetensors.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace lact {

Result<void> write_matrices(const std::filesystem::path& path, std::span<const NamedMatrix> matrices,
                            const std::map<std::string, std::string>& metadata) {
    TensorFile file;
    file.metadata = metadata;
    for (const NamedMatrix& matrix : matrices) {
        if (matrix.rows < 0 || matrix.columns < 0 ||
            matrix.values.size() !=
                static_cast<std::size_t>(matrix.rows) * static_cast<std::size_t>(matrix.columns)) {
            return fail(path.string(), fmt::format("\"{}\" of {} x {} has {}", matrix.name, matrix.rows,
                                                   matrix.columns, counted(matrix.values.size(), "value")));
        }
        const auto values = at::tensor(at::ArrayRef<float>(matrix.values.data(), matrix.values.size()));
        if (!file.tensors.emplace(matrix.name, values.view({matrix.rows, matrix.columns})).second) {
            return fail(path.string(), fmt::format("two matrices are called \"{}\"", matrix.name));
        }
    }
    return write_safetensors(path, file);
}

}  // namespace lact
