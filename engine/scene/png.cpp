#include "engine/scene/png.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

namespace lact {
namespace {

constexpr const char* png_hint = "Export or copy the image again.";

std::uint32_t png_number(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
    }
    return value;
}

bool is_chunk_name(std::string_view name) {
    return std::all_of(name.begin(), name.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

Result<void> check_png_header(std::string_view bytes, const std::string& where) {
    const std::size_t at = png_signature.size() + 4;
    const std::string name(bytes.size() < at + 4 ? std::string_view() : bytes.substr(at, 4));
    if (name == "CgBI") {
        return fail(where, "is a PNG in the form of Apple's programs (CgBI), which is not read",
                    "Export the photo again as a normal PNG.");
    }
    // Where no chunk begins, check_png() says so.
    if (!name.empty() && is_chunk_name(name) && name != "IHDR") {
        return fail(where, fmt::format("is a damaged PNG: its first chunk is {}, not IHDR", name), png_hint);
    }
    return {};
}

Result<void> check_png(std::string_view bytes, const std::string& where) {
    LACT_CHECK(check_png_header(bytes, where));
    constexpr std::size_t around = 12;  // Length, name and checksum of a chunk.
    std::size_t at = png_signature.size();
    std::string last = "the signature";
    while (bytes.size() >= at && bytes.size() - at >= 8) {
        const std::size_t size = png_number(bytes, at);
        const std::string name(bytes.substr(at + 4, 4));
        if (!is_chunk_name(name)) {
            return fail(where,
                        fmt::format("is a damaged PNG: no chunk begins at byte {}, after {}", at, last),
                        png_hint);
        }
        last = "the chunk " + name;
        if (size > bytes.size() - at || bytes.size() - at - size < around) {
            break;
        }
        if (name == "IEND") {
            return {};
        }
        at += size + around;
    }
    return fail(
        where,
        fmt::format("is a PNG that is cut short: it ends at byte {}, in or after {}", bytes.size(), last),
        png_hint);
}

}  // namespace lact
