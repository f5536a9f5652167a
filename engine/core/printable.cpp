#include "engine/core/printable.h"

#include <cstddef>

#include <fmt/format.h>
#include <utf8proc.h>

namespace lact {
namespace {

/// Marks, embeddings, overrides and isolates of the direction of text, and separators of lines.
bool turns_text(utf8proc_int32_t code) {
    return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

std::string escaped(std::string_view text, bool one_line) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        utf8proc_int32_t code = 0;
        const auto length =
            utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),  // NOLINT
                             static_cast<utf8proc_ssize_t>(text.size()), &code);
        const std::size_t size = length < 1 ? 1 : static_cast<std::size_t>(length);
        if (length < 1) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
        } else if (code == '\n' || code == '\t') {
            out += !one_line ? std::string(1, text.front()) : code == '\n' ? "\\n" : "\\t";
        } else if (code < 0x20 || code == 0x7F) {
            out += fmt::format("\\x{:02x}", code);
        } else if ((code >= 0x80 && code < 0xA0) || turns_text(code)) {
            out += fmt::format("\\u{:04x}", code);
        } else {
            out += text.substr(0, size);
        }
        text.remove_prefix(size);
    }
    return out;
}

}  // namespace

std::string printable(std::string_view text) {
    return escaped(text, false);
}

std::string printable_line(std::string_view text) {
    return escaped(text, true);
}

}  // namespace lact
