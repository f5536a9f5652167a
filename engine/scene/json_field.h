#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace lact {

/// The JSON value of a file. NaN and Infinity, which Python writes although JSON has none, become null so
/// that the field that holds them can be named. Errors: unreadable, too large (256 MB), syntax with line and
/// byte.
[[nodiscard]] Result<nlohmann::json> parse_json_file(const std::filesystem::path& path);

/// A value in a JSON file together with its place, so that every error names file and field.
class JsonField {
  public:
    /// `value` must outlive the field and all that are made from it.
    JsonField(const nlohmann::json& value, std::string file, std::string name)
        : value_(&value), file_(std::move(file)), name_(std::move(name)) {}

    [[nodiscard]] const nlohmann::json& value() const { return *value_; }
    /// `file: name`, for Error::where.
    [[nodiscard]] std::string where() const { return name_.empty() ? file_ : file_ + ": " + name_; }
    [[nodiscard]] tl::unexpected<Error> bad(std::string what, std::string hint = {}) const {
        return fail(where(), std::move(what), std::move(hint));
    }
    /// What the value is, for messages: its text, cut short.
    [[nodiscard]] std::string shown() const;

    /// A member of an object; none where it is absent or this is no object.
    [[nodiscard]] std::optional<JsonField> find(std::string_view key) const;
    /// A member that must be there.
    [[nodiscard]] Result<JsonField> at(std::string_view key) const;
    /// An element of an array; `index` in range.
    [[nodiscard]] JsonField element(std::size_t index) const;

    /// A finite number.
    [[nodiscard]] Result<double> number() const;
    /// A text without zero bytes, not empty.
    [[nodiscard]] Result<std::string> text() const;

  private:
    const nlohmann::json* value_;
    std::string file_;
    std::string name_;
};

}  // namespace lact
