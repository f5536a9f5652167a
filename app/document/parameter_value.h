#pragma once

#include "engine/core/error.h"

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include <nlohmann/json_fwd.hpp>

namespace lact::app {

/// The value of a parameter: on or off, a whole number, a number, or a text.
class ParameterValue {
  public:
    ParameterValue() = default;  ///< Off.
    // Implicit, so that parameters().set("rule.steps", 4) compiles.
    ParameterValue(bool value) : value_(value) {}  // NOLINT
    ParameterValue(std::integral auto value)       // NOLINT
        requires(!std::same_as<decltype(value), bool>)
        : value_(static_cast<long long>(value)) {}
    ParameterValue(std::floating_point auto value) : value_(double{value}) {}  // NOLINT
    ParameterValue(std::string value) : value_(std::move(value)) {}            // NOLINT
    ParameterValue(std::string_view value) : value_(std::string(value)) {}     // NOLINT
    ParameterValue(const char* value) : value_(std::string(value)) {}          // NOLINT

    [[nodiscard]] bool is_switch() const { return std::holds_alternative<bool>(value_); }
    [[nodiscard]] bool is_whole() const { return std::holds_alternative<long long>(value_); }
    [[nodiscard]] bool is_number() const { return is_whole() || std::holds_alternative<double>(value_); }
    [[nodiscard]] bool is_text() const { return std::holds_alternative<std::string>(value_); }

    /// The value as `T`: numbers convert to each other, nothing else does (std::bad_variant_access). The
    /// parameter table has checked the kind before a parameter sees the value.
    template <class T>
    [[nodiscard]] T get() const {
        if constexpr (std::same_as<T, bool>) {
            return std::get<bool>(value_);
        } else if constexpr (std::is_arithmetic_v<T>) {
            return is_whole() ? static_cast<T>(std::get<long long>(value_))
                              : static_cast<T>(std::get<double>(value_));
        } else {
            return T(std::get<std::string>(value_));
        }
    }
    /// For messages: true, 4, 0.5, "mse"; truncated.
    [[nodiscard]] std::string shown() const;

    /// Numbers are equal by value, whether they are written 12 or 12.0.
    friend bool operator==(const ParameterValue& a, const ParameterValue& b) {
        return a.is_number() && b.is_number() && a.is_whole() != b.is_whole()
                   ? a.get<double>() == b.get<double>()
                   : a.value_ == b.value_;
    }

  private:
    std::variant<bool, long long, double, std::string> value_;
};

/// As scripts, sessions and settings write it.
void to_json(nlohmann::json& json, const ParameterValue& value);
/// Errors: neither a truth value nor a number that fits nor a text.
[[nodiscard]] Result<ParameterValue> value_from_json(const nlohmann::json& json);
/// A JSON value for a message, truncated.
[[nodiscard]] std::string shown_json(const nlohmann::json& json);

}  // namespace lact::app
