#include "engine/scene/json_field.h"

#include "engine/core/files.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <system_error>

#include <fmt/format.h>

namespace lact {
namespace {

constexpr std::uintmax_t largest_file = 256ULL << 20;

/// Replaces NaN, Infinity and -Infinity outside of strings by null.
std::string without_nan(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    bool in_string = false;
    while (!text.empty()) {
        std::size_t skip = 0;
        if (!in_string) {
            for (const std::string_view word :
                 {"NaN", "Infinity", "-Infinity", "nan", "-nan", "inf", "-inf"}) {
                skip = text.starts_with(word) ? std::max(skip, word.size()) : skip;
            }
        }
        if (skip > 0) {
            out += "null";
            text.remove_prefix(skip);
            continue;
        }
        if (in_string && text.front() == '\\' && text.size() > 1) {
            out += text.substr(0, 2);
            text.remove_prefix(2);
            continue;
        }
        in_string = in_string != (text.front() == '"');
        out.push_back(text.front());
        text.remove_prefix(1);
    }
    return out;
}

tl::unexpected<Error> syntax_error(const std::filesystem::path& path, std::string_view text, std::size_t byte,
                                   std::string_view reason) {
    // nlohmann counts bytes from 1 and stops behind the unexpected one.
    const std::string_view before = text.substr(0, std::min(byte > 0 ? byte - 1 : 0, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    // Drops the part of the message that repeats the location.
    if (const auto colon = reason.rfind("column "); colon != std::string_view::npos) {
        const auto start = reason.find(": ", colon);
        reason = start == std::string_view::npos ? reason : reason.substr(start + 2);
    }
    return fail(path.string(), fmt::format("is not valid JSON at line {}, byte {}: {}", line, byte, reason));
}

}  // namespace

Result<nlohmann::json> parse_json_file(const std::filesystem::path& path) {
    std::error_code code;
    const auto size = std::filesystem::file_size(path, code);
    if (!code && size > largest_file) {
        return fail(path.string(),
                    fmt::format("has {} MB; a scene file has at most {}", size >> 20, largest_file >> 20));
    }
    LACT_TRY(const std::string text, read_file(path));
    try {
        nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
        if (json.is_discarded()) {
            json = nlohmann::json::parse(without_nan(text), nullptr, false);
        }
        // Parses the original text again for a message about the file as it is.
        return json.is_discarded() ? nlohmann::json::parse(text) : std::move(json);
    } catch (const nlohmann::json::parse_error& error) {
        return syntax_error(path, text, error.byte, error.what());
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("is not valid JSON: {}", error.what()));
    }
}

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
