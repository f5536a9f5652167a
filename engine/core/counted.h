#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace lact {

/// `number` with a noun in the singular or not; see counted().
[[nodiscard]] std::string with_noun(std::string number, bool singular, std::string_view one,
                                    std::string_view many);

/// A number with its noun in the right form: "1 photo", "3 photos", "0 photos". `many`: the form for all
/// numbers but 1, where it is not `one` and an s: counted(n, "photo lies", "photos lie").
template <std::integral Number>
[[nodiscard]] std::string counted(Number number, std::string_view one, std::string_view many = {}) {
    return with_noun(std::to_string(number), number == 1, one, many);
}

}  // namespace lact
