#include "engine/model/pickle.h"

#include <algorithm>

namespace lact::pickle {

const Value* Document::find(const Value& dict, std::string_view key) const {
    const Value* found = nullptr;
    if (dict.kind == Kind::dict) {
        for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
            const Value& candidate = at(dict.items[i]);
            if (candidate.kind == Kind::text && candidate.text == key) {
                found = &at(dict.items[i + 1]);
            }
        }
    }
    return found;
}

std::string shown(std::string_view text) {
    constexpr std::size_t longest = 100;
    std::string result(text.substr(0, longest));
    std::replace_if(
        result.begin(), result.end(), [](char letter) { return letter < ' ' || letter > '~'; }, '?');
    return text.size() > longest ? result + "..." : result;
}

}  // namespace lact::pickle
