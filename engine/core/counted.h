#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace lact {

/// A number with its noun in the right form: "1 photo", "3 photos", "0 photos". `many`: the form for all
/// numbers but one, where it is not `one` and an s: counted(n, "photo lies", "photos lie").
[[nodiscard]] std::string counted(long long number, std::string_view one, std::string_view many = {});

template <std::integral Number>
[[nodiscard]] std::string counted(Number number, std::string_view one, std::string_view many = {}) {
    return counted(static_cast<long long>(number), one, many);
}

}  // namespace lact
