#include "engine/core/text_file.h"

#include "engine/core/file_kind.h"

#include <algorithm>
#include <array>
#include <exception>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lact {
namespace {

using namespace std::string_view_literals;

constexpr auto utf8_mark = "\xef\xbb\xbf"sv;

// The length of the string, comment or NaN that `text` begins with; 0 for anything else.

std::size_t string_length(std::string_view text) {
    if (!text.starts_with('"')) {
        return 0;
    }
    std::size_t at = 1;
    while (at < text.size() && text[at] != '"') {
        at += text[at] == '\\' ? 2 : 1;
    }
    return std::min(at + 1, text.size());
}

std::size_t comment_length(std::string_view text) {
    if (text.starts_with("//"sv)) {
        return std::min(text.find('\n'), text.size());
    }
    if (!text.starts_with("/*"sv)) {
        return 0;
    }
    const std::size_t end = text.find("*/"sv, 2);
    return end == std::string_view::npos ? 0 : end + 2;  // Without an end it is an error.
}

std::size_t nan_length(std::string_view text) {
    std::size_t longest = 0;
    for (const std::string_view word :
         {"NaN"sv, "Infinity"sv, "-Infinity"sv, "nan"sv, "-nan"sv, "inf"sv, "-inf"sv}) {
        longest = text.starts_with(word) ? std::max(longest, word.size()) : longest;
    }
    return longest;
}

/// JSON without comments and NaN, and how its bytes map to those of the original.
struct StrictJson {
    std::string text;
    /// (byte of `text`, byte of the original that follows a replaced word), ascending.
    std::vector<std::pair<std::size_t, std::size_t>> moved;

    [[nodiscard]] std::size_t original(std::size_t byte) const {
        const auto after = std::upper_bound(moved.begin(), moved.end(), std::pair(byte, SIZE_MAX));
        return after == moved.begin() ? byte : std::prev(after)->second + (byte - std::prev(after)->first);
    }
};

/// Comments become blanks; each NaN becomes null.
StrictJson strict_json(std::string_view original) {
    StrictJson strict;
    strict.text.reserve(original.size());
    std::size_t at = original.starts_with(utf8_mark) ? utf8_mark.size() : 0;
    strict.text.append(at, ' ');
    while (at < original.size()) {
        const std::string_view rest = original.substr(at);
        if (const std::size_t length = string_length(rest); length > 0) {
            strict.text += rest.substr(0, length);
            at += length;
        } else if (const std::size_t comment = comment_length(rest); comment > 0) {
            for (const char letter : rest.substr(0, comment)) {
                strict.text += letter == '\n' ? '\n' : ' ';
            }
            at += comment;
        } else if (const std::size_t word = nan_length(rest); word > 0) {
            strict.text += "null";
            at += word;
            strict.moved.emplace_back(strict.text.size(), at);
        } else {
            strict.text += rest.front();
            ++at;
        }
    }
    return strict;
}

/// "line 3, column 5, byte 40" of an offset, all from 1. Columns count bytes.
std::string location(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.rfind('\n');
    const std::size_t column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
    return fmt::format("line {}, column {}, byte {}", line, column, before.size() + 1);
}

/// The last letter before `offset` that is not blank.
char letter_before(std::string_view text, std::size_t offset) {
    const std::size_t at =
        offset == 0 ? std::string_view::npos : text.find_last_not_of(" \t\r\n", offset - 1);
    return at == std::string_view::npos ? '\0' : text[at];
}

tl::unexpected<Error> json_syntax_error(std::string_view original, const StrictJson& strict, std::size_t byte,
                                        std::string_view reason, const std::string& where) {
    // nlohmann counts bytes from 1 and stops behind the unexpected one.
    const std::size_t offset = byte > 0 ? byte - 1 : 0;
    // Drops the part of the message that repeats the location.
    if (const auto colon = reason.rfind("column "); colon != std::string_view::npos) {
        const auto start = reason.find(": ", colon);
        reason = start == std::string_view::npos ? reason : reason.substr(start + 2);
    }
    const bool closes =
        offset < strict.text.size() && (strict.text[offset] == '}' || strict.text[offset] == ']');
    const bool trailing_comma = closes && letter_before(strict.text, offset) == ',';
    return fail(
        where,
        fmt::format("is not valid JSON at {}: {}", location(original, strict.original(offset)), reason),
        trailing_comma ? "JSON allows no comma after the last entry: remove it." : "");
}

template <class Json>
Result<Json> parse_bounded(std::string_view text, const std::string& where) {
    LACT_CHECK(check_json_depth(text, where));
    try {
        Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
        if (!json.is_discarded()) {
            return json;
        }
        const StrictJson strict = strict_json(text);
        try {
            return Json::parse(strict.text);
        } catch (const nlohmann::json::parse_error& error) {
            return json_syntax_error(text, strict, error.byte, error.what(), where);
        }
    } catch (const std::exception& error) {
        return fail(where, fmt::format("is not valid JSON: {}", error.what()));
    }
}

/// Error: a file that is larger than any text.
Result<void> check_size(const std::filesystem::path& path) {
    std::error_code code;
    const auto size = std::filesystem::file_size(path, code);
    if (code || size <= largest_text_file) {
        return {};
    }
    return tl::unexpected<Error>(refused_file(
        path, FileUse::text,
        {fmt::format("has {} MB; a text file has at most {}", size >> 20, largest_text_file >> 20),
         path.string(), "", false}));
}

/// Error: a file that is no text, by its first bytes; it is named for what it is.
Result<void> check_kind(const std::filesystem::path& path) {
    Error reason = refused_file(path, FileUse::text, Error{"", path.string(), "", false});
    if (reason.what.empty()) {
        return {};
    }
    return tl::unexpected<Error>(std::move(reason));
}

}  // namespace

Result<std::string> read_text_file(const std::filesystem::path& path) {
    LACT_CHECK(check_size(path));
    LACT_TRY(std::string bytes, read_file(path, largest_text_file));
    LACT_CHECK(check_kind(path));
    if (bytes.starts_with(utf8_mark)) {
        bytes.erase(0, utf8_mark.size());
    }
    if (bytes.find('\r') != std::string::npos) {
        std::size_t out = 0;
        for (std::size_t in = 0; in < bytes.size(); ++in) {
            const bool before_newline = bytes[in] == '\r' && in + 1 < bytes.size() && bytes[in + 1] == '\n';
            if (!before_newline) {
                bytes[out++] = bytes[in] == '\r' ? '\n' : bytes[in];
            }
        }
        bytes.resize(out);
    }
    return bytes;
}

Result<FileBytes> read_large_text(const std::filesystem::path& path) {
    LACT_TRY(FileBytes file, FileBytes::read(path));
    LACT_CHECK(check_kind(path));
    return file;
}

Result<void> check_json_depth(std::string_view text, const std::string& where) {
    const std::string_view whole = text;
    int depth = 0;
    while (!text.empty()) {
        std::size_t length = string_length(text);
        length = length > 0 ? length : comment_length(text);
        if (length == 0) {
            length = 1;
            const char letter = text.front();
            depth += letter == '[' || letter == '{' ? 1 : letter == ']' || letter == '}' ? -1 : 0;
            if (depth > deepest_json) {
                return fail(where, fmt::format("nests lists and objects more than {} deep at {}",
                                               deepest_json, location(whole, whole.size() - text.size())));
            }
        }
        text.remove_prefix(length);
    }
    return {};
}

namespace {

template <class Json>
std::string dump_any(const Json& json, int indent, bool ascii) {
    const std::string text = json.dump(indent, ' ', ascii, Json::error_handler_t::replace);
    const auto commands = [&](std::size_t i) {
        // U+0080 to U+009F are C2 and one more byte.
        return text[i] == '\x7F' ||
               (text[i] == '\xC2' && i + 1 < text.size() && text[i + 1] >= '\x80' && text[i + 1] <= '\x9F');
    };
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!commands(i)) {
            out += text[i];
            continue;
        }
        i += text[i] == '\xC2' ? 1 : 0;
        // Inside a string, as JSON has no such characters elsewhere.
        out += fmt::format("\\u00{:02x}", static_cast<unsigned char>(text[i]));
    }
    return out;
}

}  // namespace

std::string dump_json(const nlohmann::json& json, int indent, bool ascii) {
    return dump_any(json, indent, ascii);
}

std::string dump_json(const nlohmann::ordered_json& json, int indent, bool ascii) {
    return dump_any(json, indent, ascii);
}

Result<nlohmann::json> parse_json(std::string_view text, const std::string& where) {
    return parse_bounded<nlohmann::json>(text, where);
}

Result<nlohmann::ordered_json> parse_ordered_json(std::string_view text, const std::string& where) {
    return parse_bounded<nlohmann::ordered_json>(text, where);
}

Result<nlohmann::json> parse_json_file(const std::filesystem::path& path) {
    LACT_CHECK(check_size(path));
    LACT_TRY(const std::string text, read_file(path, largest_text_file));
    auto json = parse_json(text, path.string());
    if (!json) {
        return tl::unexpected<Error>(refused_file(path, FileUse::text, std::move(json.error())));
    }
    return json;
}

}  // namespace lact
