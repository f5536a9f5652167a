#include "engine/model/tensor_map.h"

#include "engine/core/files.h"
#include "engine/model/safetensors.h"
#include "engine/model/torch_zip.h"

#include <cstddef>
#include <string_view>

namespace lact {

Result<TensorFormat> tensor_format(const std::filesystem::path& path) {
    constexpr std::size_t json_begins = 8;  // After the 8 bytes of the header length.
    LACT_TRY(const MappedFile mapped, MappedFile::open(path));
    const auto bytes = mapped.bytes();
    const std::string_view start{static_cast<const char*>(static_cast<const void*>(bytes.data())),
                                 bytes.size()};
    if (start.starts_with("PK\x03\x04")) {
        return TensorFormat::torch_zip;
    }
    if (start.size() > json_begins && start[json_begins] == '{') {
        return TensorFormat::safetensors;
    }
    if (start.starts_with("\x80")) {
        return fail(path.string(), "is a bare pickle: a PyTorch file of the format before version 1.6",
                    "Load it in Python and save it again with torch.save of PyTorch 1.6 or newer.");
    }
    return fail(path.string(), start.empty() ? "is empty" : "is neither a safetensors nor a PyTorch zip file",
                "Choose a .safetensors file or a .pt file written by torch.save.");
}

Result<TensorFile> read_tensor_file(const std::filesystem::path& path) {
    LACT_TRY(const TensorFormat format, tensor_format(path));
    return format == TensorFormat::torch_zip ? read_torch_zip(path) : read_safetensors(path);
}

}  // namespace lact
