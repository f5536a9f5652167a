#include "engine/core/printable.h"

#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

namespace lact {
namespace {

/// A character of UTF-8 at the beginning of a text; size 0 where there is none.
struct Utf8Character {
    std::uint32_t code = 0;
    std::size_t size = 0;
};

Utf8Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
    };
    const std::uint32_t lead = byte(0);
    if (lead < 0x80) {
        return {lead, 1};
    }
    const std::size_t size = lead >= 0xF0 && lead <= 0xF4  ? 4
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                                                           : 0;
    if (size == 0 || text.size() < size) {
        return {};
    }
    std::uint32_t code = lead & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) {
            return {};
        }
        code = code << 6U | (byte(i) & 0x3FU);
    }
    constexpr std::uint32_t surrogates = 0xD800;
    constexpr std::uint32_t behind_surrogates = 0xE000;
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && (code < 0x10000 || code > 0x10FFFF));
    return overlong || (code >= surrogates && code < behind_surrogates) ? Utf8Character{}
                                                                        : Utf8Character{code, size};
}

/// Marks, embeddings, overrides and isolates of the direction of text, and separators of lines.
bool turns_text(std::uint32_t code) {
    return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

std::string escaped(std::string_view text, bool one_line) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Utf8Character found = first_character(text);
        const std::size_t size = found.size == 0 ? 1 : found.size;
        if (found.size == 0) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
        } else if (found.code == '\n' || found.code == '\t') {
            out += !one_line ? std::string(1, text.front()) : found.code == '\n' ? "\\n" : "\\t";
        } else if (found.code < 0x20 || found.code == 0x7F) {
            out += fmt::format("\\x{:02x}", found.code);
        } else if ((found.code >= 0x80 && found.code < 0xA0) || turns_text(found.code)) {
            out += fmt::format("\\u{:04x}", found.code);
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
