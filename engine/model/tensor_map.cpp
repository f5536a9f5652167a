#include "engine/model/tensor_map.h"

#include "engine/core/file_kind.h"
#include "engine/core/files.h"
#include "engine/model/safetensors.h"
#include "engine/model/shards.h"
#include "engine/model/torch_zip.h"

#include <cstddef>
#include <string>
#include <utility>

namespace lact {

Result<TensorFormat> tensor_format(const std::filesystem::path& path) {
    constexpr std::size_t json_begins = 8;  // After the 8 bytes of the header length.
    LACT_TRY(const std::string start, read_file_start(path, json_begins + 1));
    if (start.starts_with("PK\x03\x04")) {
        return TensorFormat::torch_zip;
    }
    if (start.size() > json_begins && start[json_begins] == '{') {
        return TensorFormat::safetensors;
    }
    return tl::unexpected<Error>(
        refused_file(path, FileUse::weights,
                     {"is neither a safetensors nor a PyTorch zip file", path.string(),
                      "Choose a .safetensors file or a .pt file written by torch.save.", false}));
}

Result<TensorFile> read_one_tensor_file(const std::filesystem::path& path) {
    LACT_TRY(const TensorFormat format, tensor_format(path));
    auto file = format == TensorFormat::torch_zip ? read_torch_zip(path) : read_safetensors(path);
    if (!file) {
        return tl::unexpected<Error>(refused_file(path, FileUse::weights, std::move(file.error())));
    }
    return file;
}

Result<TensorFile> read_tensor_file(const std::filesystem::path& path) {
    LACT_TRY(const auto shards, find_shards(path));
    return shards ? read_shards(*shards) : read_one_tensor_file(path);
}

}  // namespace lact
