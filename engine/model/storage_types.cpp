#include "engine/model/storage_types.h"

#include <array>

namespace lact {
namespace {

struct NamedStorage {
    std::string_view name;
    torch::ScalarType type;
};
constexpr std::array<NamedStorage, 12> kStorages{{{"torch DoubleStorage", torch::kFloat64},
                                                  {"torch FloatStorage", torch::kFloat32},
                                                  {"torch HalfStorage", torch::kFloat16},
                                                  {"torch BFloat16Storage", torch::kBFloat16},
                                                  {"torch LongStorage", torch::kInt64},
                                                  {"torch IntStorage", torch::kInt32},
                                                  {"torch ShortStorage", torch::kInt16},
                                                  {"torch CharStorage", torch::kInt8},
                                                  {"torch ByteStorage", torch::kUInt8},
                                                  {"torch BoolStorage", torch::kBool},
                                                  {"torch UntypedStorage", torch::kUInt8},
                                                  {"torch.storage UntypedStorage", torch::kUInt8}}};

}  // namespace

std::optional<torch::ScalarType> storage_type(std::string_view global) {
    for (const auto& storage : kStorages) {
        if (storage.name == global) {
            return storage.type;
        }
    }
    return std::nullopt;
}

std::string_view storage_name(torch::ScalarType type) {
    for (const auto& storage : kStorages) {
        if (storage.type == type) {
            return storage.name;
        }
    }
    return {};
}

}  // namespace lact
