#include "engine/scene/json_field.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace lact {
std::string JsonField::shown() const {
    if (value_->is_object() || value_->is_array()) {
        return fmt::format("{} of {}", value_->is_object() ? "an object" : "a list", value_->size());
    }
    std::string text = value_->dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    constexpr std::size_t longest = 60;
    if (text.size() > longest) {
        text = text.substr(0, longest) + "…";
    }
    return text;
}

std::optional<JsonField> JsonField::find(std::string_view key) const {
    if (!value_->is_object()) {
        return std::nullopt;
    }
    const auto found = value_->find(key);
    if (found == value_->end()) {
        return std::nullopt;
    }
    return JsonField(*found, file_, name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key));
}

std::optional<JsonField> JsonField::find_set(std::string_view key) const {
    auto field = find(key);
    return field && !field->value().is_null() ? std::move(field) : std::nullopt;
}

Result<JsonField> JsonField::at(std::string_view key) const {
    if (!value_->is_object()) {
        return bad(fmt::format("is {}, an object was expected", shown()));
    }
    if (auto field = find(key)) {
        return std::move(*field);
    }
    return bad(fmt::format("has no field \"{}\"", key));
}

JsonField JsonField::element(std::size_t index) const {
    return {(*value_)[index], file_, fmt::format("{}[{}]", name_, index)};
}

Result<double> JsonField::number() const {
    if (value_->is_null()) {
        return bad(
            "is NaN, infinite or null, a number was expected",
            "The program that wrote the file computed no value here: compute the cameras again or remove "
            "the view.");
    }
    if (!value_->is_number()) {
        return bad(fmt::format("is {}, a number was expected", shown()));
    }
    const auto number = value_->get<double>();
    if (!std::isfinite(number)) {
        return bad(fmt::format("is {}, a finite number was expected", number));
    }
    return number;
}

Result<std::string> JsonField::text() const {
    if (!value_->is_string()) {
        return bad(fmt::format("is {}, a string was expected", shown()));
    }
    const auto& text = value_->get_ref<const std::string&>();
    if (text.empty() || text.find('\0') != std::string::npos) {
        return bad(text.empty() ? "is empty" : "holds a zero byte");
    }
    return text;
}

}  // namespace lact
