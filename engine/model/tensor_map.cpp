#include "engine/model/tensor_map.h"

#include "engine/core/files.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace lact {

namespace {

struct NamedStorage {
    std::string_view name;
    at::ScalarType type;
};
constexpr std::array<NamedStorage, 12> kStorages{{{"torch DoubleStorage", at::kDouble},
                                                  {"torch FloatStorage", at::kFloat},
                                                  {"torch HalfStorage", at::kHalf},
                                                  {"torch BFloat16Storage", at::kBFloat16},
                                                  {"torch LongStorage", at::kLong},
                                                  {"torch IntStorage", at::kInt},
                                                  {"torch ShortStorage", at::kShort},
                                                  {"torch CharStorage", at::kChar},
                                                  {"torch ByteStorage", at::kByte},
                                                  {"torch BoolStorage", at::kBool},
                                                  {"torch UntypedStorage", at::kByte},
                                                  {"torch.storage UntypedStorage", at::kByte}}};

}  // namespace

std::optional<at::ScalarType> storage_type(std::string_view global) {
    for (const auto& storage : kStorages) {
        if (storage.name == global) {
            return storage.type;
        }
    }
    return std::nullopt;
}

std::string_view storage_name(at::ScalarType type) {
    for (const auto& storage : kStorages) {
        if (storage.type == type) {
            return storage.name;
        }
    }
    return {};
}

// Which kind of weight file it is, by its first bytes.
Result<TensorFormat> tensor_format(const std::filesystem::path& path) {
    constexpr std::size_t json_begins = 8;  // After the header's length.
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
        return fail(path.string(), "is a bare pickle: a PyTorch file in the form before version 1.6",
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
