#include "engine/core/counted.h"

#include <fmt/format.h>

namespace lact {

std::string counted(long long number, std::string_view one, std::string_view many) {
    if (number == 1 || !many.empty()) {
        return fmt::format("{} {}", number, number == 1 ? one : many);
    }
    return fmt::format("{} {}s", number, one);
}

}  // namespace lact
