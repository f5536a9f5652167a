#include "engine/core/counted.h"

#include <utility>

namespace lact {

std::string with_noun(std::string number, bool singular, std::string_view one, std::string_view many) {
    std::string text = std::move(number);
    text += ' ';
    text += singular || many.empty() ? one : many;
    if (!singular && many.empty()) {
        text += 's';
    }
    return text;
}

}  // namespace lact
