#include "app/video/provenance.h"

#include "app/video/gif_comment.h"
#include "engine/core/file_kind.h"
#include "engine/core/files.h"
#include "engine/core/text_file.h"
#include "engine/scene/png.h"

#include <cstdint>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#ifdef LACT_HAS_VIDEO
#include "app/video/av_support.h"
#endif

namespace lact::app {

namespace {

using Texts = std::map<std::string, std::string>;

std::uint32_t big_endian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        value = value << 8U | static_cast<unsigned char>(bytes[i]);
    }
    return value;
}

/// Text of an uncompressed iTXt chunk, after its keyword: flags, language and translated keyword, each ended
/// by a zero byte. Empty for compressed texts, which this program never writes.
std::string international(std::string_view rest) {
    if (rest.size() < 2 || rest[0] != 0) {
        return {};
    }
    rest.remove_prefix(2);
    for (int i = 0; i < 2; ++i) {
        const auto end = rest.find('\0');
        if (end == std::string_view::npos) {
            return {};
        }
        rest.remove_prefix(end + 1);
    }
    return std::string(rest);
}

/// The largest text that is read from a recording, and the largest GIF, in bytes.
constexpr std::size_t most_bytes = std::size_t{1} << 28;

/// Adds the keyword and text of a chunk.
void add_text(Texts& texts, std::string_view kind, std::string_view data) {
    if (const auto end = data.find('\0'); end != std::string_view::npos) {
        const std::string_view rest = data.substr(end + 1);
        texts[std::string(data.substr(0, end))] = kind == "tEXt" ? std::string(rest) : international(rest);
    }
}

/// Reads the heads of all chunks, and of texts alone also what they hold.
Result<Texts> of_png(const std::filesystem::path& path, const OpenFile& file) {
    Texts texts;
    std::size_t at = png_signature.size();
    std::size_t held = 0;
    while (at + 12 <= file.size) {
        LACT_TRY(const std::string head, read_file_part(file, at, 8, path));
        const std::size_t size = big_endian(head);
        const std::string kind = head.substr(4);
        if (size > file.size - at - 12) {
            return fail(path.string(),
                        fmt::format("has a chunk {} of {} bytes, more than the file holds", kind, size));
        }
        if (kind == "tEXt" || kind == "iTXt") {
            held += size;
            if (held > most_bytes) {
                return fail(path.string(), fmt::format("has more than {} bytes of text", most_bytes));
            }
            LACT_TRY(const std::string data, read_file_part(file, at + 8, size, path));
            add_text(texts, kind, data);
        }
        at += size + 12;
        if (kind == "IEND") {
            return texts;
        }
    }
    return fail(path.string(), "ends before the end of the PNG");
}

/// The fields of the JSON object in the comment of a video; none for comments of other programs.
Texts of_comment(std::string_view comment) {
    Texts texts;
    const auto json = parse_json(comment, "comment").value_or(nlohmann::json());
    if (json.is_object()) {
        for (const auto& [key, value] : json.items()) {
            texts[key] = value.is_string() ? value.get<std::string>() : dump_json(value);
        }
    }
    return texts;
}

/// Skips the comments of other programs.
Result<Texts> of_gif(const std::string& file, std::string_view bytes) {
    LACT_TRY(const auto comments, gif_comments(file, bytes));
    for (const std::string& comment : comments) {
        if (Texts texts = of_comment(comment); !texts.empty()) {
            return texts;
        }
    }
    return Texts{};
}

Result<Texts> of_video(const std::filesystem::path& path) {
#ifdef LACT_HAS_VIDEO
    LACT_TRY(const InputContextPtr input, open_mp4(path));
    const AVDictionaryEntry* comment = av_dict_get(input->metadata, "comment", nullptr, 0);
    return of_comment(comment != nullptr ? comment->value : "");
#else
    return fail(path.string(), "is a video, which this build does not read", without_video_hint);
#endif
}

}  // namespace

bool may_carry_provenance(const std::filesystem::path& path) {
    const std::string extension = lower_extension(path);
    return extension == ".png" || extension == ".gif" || extension == ".mp4";
}

Result<Texts> read_provenance(const std::filesystem::path& path) {
    if (lower_extension(path) == ".mp4") {
        return of_video(path);
    }
    LACT_TRY(const std::string start, read_file_start(path, png_signature.size()));
    if (is_gif(start)) {
        LACT_TRY(const std::string bytes, read_file(path, most_bytes));
        return of_gif(path.string(), bytes);
    }
    if (start != png_signature) {
        return tl::unexpected<Error>(refused_file(
            path, FileUse::recording, {"is neither a PNG, nor a GIF, nor an MP4", path.string(), "", false}));
    }
    LACT_TRY(const OpenFile file, open_for_reading(path));
    return of_png(path, file);
}

std::string provenance_json(const FrameSinkOptions& options, bool ascii) {
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (const auto& [key, value] : options.provenance) {
        object[key] = value;
    }
    // A file name need not be UTF-8; invalid bytes are replaced.
    return dump_json(object, -1, ascii);
}

}  // namespace lact::app
