#pragma once

#include "engine/core/error.h"
#include "engine/core/text_file.h"  // parse_json_file()

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace lact {

/// A value in a JSON file with its location: every error names file and field.
class JsonField {
  public:
    /// `value` must outlive this field and all fields made from it.
    JsonField(const nlohmann::json& value, std::string file, std::string name)
        : value_(&value), file_(std::move(file)), name_(std::move(name)) {}

    [[nodiscard]] const nlohmann::json& value() const { return *value_; }
    /// `file: name`, for Error::where.
    [[nodiscard]] std::string where() const { return name_.empty() ? file_ : file_ + ": " + name_; }
    [[nodiscard]] tl::unexpected<Error> bad(std::string what, std::string hint = {}) const {
        return fail(where(), std::move(what), std::move(hint));
    }
    /// The value as text for messages, shortened.
    [[nodiscard]] std::string shown() const;

    /// A member of an object; nothing if it is absent or this is not an object.
    [[nodiscard]] std::optional<JsonField> find(std::string_view key) const;
    /// A member that is not null either: programs write null for what they leave out. NaN is null, too
    /// (parse_json()).
    [[nodiscard]] std::optional<JsonField> find_set(std::string_view key) const;
    /// A required member. Errors: absent, not an object.
    [[nodiscard]] Result<JsonField> at(std::string_view key) const;
    /// An element of an array; `index` in range.
    [[nodiscard]] JsonField element(std::size_t index) const;

    /// A finite number. Errors: another type, NaN, infinite.
    [[nodiscard]] Result<double> number() const;
    /// A string, not empty and without zero bytes. Errors: anything else.
    [[nodiscard]] Result<std::string> text() const;

  private:
    const nlohmann::json* value_;
    std::string file_;
    std::string name_;
};

}  // namespace lact
