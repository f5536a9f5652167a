#include "engine/model/tensor_map.h"

#include "engine/core/file_kind.h"
#include "engine/core/files.h"
#include "engine/model/safetensors.h"
#include "engine/model/shards.h"
#include "engine/model/state_names.h"
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

Result<TensorFile> read_one_tensor_file(const std::filesystem::path& path, NamesOf names,
                                        TensorContent content) {
    LACT_TRY(const TensorFormat format, tensor_format(path));
    auto file = format == TensorFormat::torch_zip ? read_torch_zip(path, names, content)
                                                  : read_safetensors(path, content);
    if (!file) {
        return tl::unexpected<Error>(refused_file(path, FileUse::weights, std::move(file.error())));
    }
    // The other reader has done so before it reads any storage.
    if (format == TensorFormat::safetensors && names == NamesOf::network) {
        take_state(*file);
    }
    return file;
}

Result<TensorFile> read_tensor_file(const std::filesystem::path& path) {
    LACT_TRY(const auto shards, find_shards(path));
    return read_network(path, shards, TensorContent::whole);
}

TensorShapes shapes_of(const TensorFile& file) {
    TensorShapes shapes;
    for (const auto& [name, tensor] : file.tensors) {
        shapes[name] = tensor.sizes().vec();
    }
    return shapes;
}

void take_state(TensorFile& file) {
    StateSelection selection = select_state(shapes_of(file));
    std::map<std::string, at::Tensor> state;
    for (const auto& [name, stored] : selection.names) {
        state.emplace(name, file.tensors.at(stored));
    }
    file.tensors = std::move(state);
    file.state_from = std::move(selection.from);
    file.left_out = std::move(selection.left_out);
}

}  // namespace lact
