#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include <nlohmann/json.hpp>

namespace lact {

/// The whole number that a JSON value is, in [least, most]; nothing where it is none. nlohmann::json converts
/// fractions and numbers of any size, which is undefined beyond the range of the type.
template <class Json>
[[nodiscard]] std::optional<long long> whole_number(const Json& value, long long least, long long most) {
    if (!value.is_number_integer()) {
        return std::nullopt;
    }
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<long long>::max());
    if (value.is_number_unsigned() && value.template get<std::uint64_t>() > largest) {
        return std::nullopt;
    }
    const auto number = value.template get<long long>();
    return number >= least && number <= most ? std::optional(number) : std::nullopt;
}

/// The finite number that a JSON value is, in [least, most]; nothing where it is none.
template <class Json>
[[nodiscard]] std::optional<double> finite_number(const Json& value, double least, double most) {
    if (!value.is_number()) {
        return std::nullopt;
    }
    const auto number = value.template get<double>();
    return number >= least && number <= most ? std::optional(number) : std::nullopt;
}

}  // namespace lact
