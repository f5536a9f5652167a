#include "app/video/gif_comment.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr std::size_t header_size = 13;
constexpr unsigned char extension_block = 0x21;
constexpr unsigned char comment_label = 0xFE;
constexpr unsigned char image_block = 0x2C;
constexpr unsigned char trailer_block = 0x3B;

unsigned char byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

std::string gif_comment_block(std::string_view text) {
    std::string block = {static_cast<char>(extension_block), static_cast<char>(comment_label)};
    while (!text.empty()) {
        const std::size_t size = std::min<std::size_t>(text.size(), 255);
        block += static_cast<char>(size);
        block += text.substr(0, size);
        text.remove_prefix(size);
    }
    block += '\0';
    return block;
}

bool is_gif(std::string_view bytes) {
    return bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a");
}

Result<std::size_t> gif_blocks_begin(const std::string& file, std::string_view bytes) {
    if (!is_gif(bytes)) {
        return fail(file, "is not a GIF");
    }
    if (bytes.size() < header_size) {
        return fail(file, "ends in the header of the GIF");
    }
    const unsigned flags = byte_at(bytes, 10);
    const std::size_t colours = (flags & 0x80U) != 0 ? std::size_t{2} << (flags & 7U) : 0;
    if (bytes.size() - header_size < 3 * colours) {
        return fail(file, fmt::format("ends in the table of {} colours of the GIF", colours));
    }
    return header_size + 3 * colours;
}

Result<std::vector<std::string>> gif_comments(const std::string& file, std::string_view bytes) {
    LACT_TRY(std::size_t at, gif_blocks_begin(file, bytes));
    std::vector<std::string> found;
    while (at < bytes.size()) {
        const unsigned char kind = byte_at(bytes, at);
        if (kind == image_block || kind == trailer_block) {
            return found;
        }
        if (kind != extension_block) {
            return fail(file, fmt::format("a block of a GIF begins with {:#x} at byte {}", kind, at));
        }
        if (bytes.size() - at < 2) {
            break;
        }
        const bool requested = byte_at(bytes, at + 1) == comment_label;
        std::string text;
        at += 2;
        std::size_t size = 1;
        while (at < bytes.size() && size > 0) {
            size = byte_at(bytes, at);
            ++at;
            if (size > bytes.size() - at) {
                return fail(file, fmt::format("has a block of {} bytes, more than the file holds", size));
            }
            if (requested) {
                text += bytes.substr(at, size);
            }
            at += size;
        }
        if (requested && size == 0) {
            found.push_back(std::move(text));
        }
    }
    return fail(file, "ends before the first image of the GIF");
}

}  // namespace lact::app
