#pragma once

#include "engine/core/error.h"
#include "engine/core/files.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace lact {

/// The largest text or JSON file that is read, in bytes.
inline constexpr std::uintmax_t largest_text_file = std::uintmax_t{256} << 20;

/// The deepest nesting of lists and objects in JSON that is read. Deeper values would overflow the stack of
/// code that walks them.
inline constexpr int deepest_json = 64;

/// Reads text as people have it: a byte order mark of UTF-8 is dropped, and the line ends of other systems
/// become '\n'. Errors: unreadable, larger than `largest_text_file`, text in UTF-16 or UTF-32 (named, with
/// the command that converts it), a file that is no text (named for what it is, see file_kind.h).
[[nodiscard]] Result<std::string> read_text_file(const std::filesystem::path& path);

/// A text of any size, as it is, for what may have gigabytes. Errors: unreadable, no text as above, more
/// bytes than there is memory.
[[nodiscard]] Result<FileBytes> read_large_text(const std::filesystem::path& path);

/// Parses JSON. A byte order mark and comments (`//` to the end of the line, `/* */`) are skipped; NaN and
/// Infinity, which Python writes although JSON does not allow them, become null, so that errors can name
/// their field. Errors: syntax (also a trailing comma) with line, column and byte, each from 1; nesting
/// deeper than `deepest_json`. `where` names the text in errors. The only entry point for JSON: all other
/// functions that read JSON call it.
[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text, const std::string& where);

/// The same, with the entries of objects in the order of the text.
[[nodiscard]] Result<nlohmann::ordered_json> parse_ordered_json(std::string_view text,
                                                                const std::string& where);

/// parse_json() of a file. Errors: those of read_text_file() and of parse_json().
[[nodiscard]] Result<nlohmann::json> parse_json_file(const std::filesystem::path& path);

/// JSON as text, the only way from JSON to text. Bytes that are not UTF-8, as names of files may hold, become
/// U+FFFD; control characters are escaped, also those that JSON leaves alone (U+007F to U+009F), as a
/// terminal may show the text. `indent` below 0: on one line. `ascii`: escapes all but ASCII.
[[nodiscard]] std::string dump_json(const nlohmann::json& json, int indent = -1, bool ascii = false);
[[nodiscard]] std::string dump_json(const nlohmann::ordered_json& json, int indent = -1, bool ascii = false);

/// Error: text that nests lists and objects deeper than `deepest_json`; strings and comments do not count.
[[nodiscard]] Result<void> check_json_depth(std::string_view text, const std::string& where);

}  // namespace lact
