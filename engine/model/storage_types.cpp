#include "engine/model/storage_types.h"

#include <array>

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

}  // namespace lact
