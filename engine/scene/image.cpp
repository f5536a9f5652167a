#include "engine/scene/image.h"

#include "engine/core/counted.h"
#include "engine/core/file_kind.h"
#include "engine/core/files.h"
#include "engine/core/guarded.h"
#include "engine/scene/jpeg.h"
#include "engine/scene/png.h"
#include "engine/scene/stb_memory.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cmath>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>

namespace lact {
namespace {

/// An image of this many pixels needs 1 GB; a larger one is a damaged header or an attack.
constexpr long long most_pixels = 1LL << 28;
constexpr const char* image_hint = "PNG, JPEG, BMP and TGA images can be read.";

struct StbFree {
    void operator()(void* pixels) const { stbi_image_free(pixels); }
};

/// What becomes of the values of a file.
enum class Samples {
    upper_bits,  ///< Their 8 bits, of 16 the upper ones.
    not_zero,    ///< 255 in place of every value that is not 0.
};

tl::unexpected<Error> stb_failure(const std::filesystem::path& path) {
    const char* reason = stbi_failure_reason();
    return tl::unexpected<Error>(refused_file(
        path, FileUse::photo,
        {fmt::format("is not an image that can be read: {}", reason != nullptr ? reason : "it is damaged"),
         path.string(), image_hint, false}));
}

/// Checks the files of formats whose decoder trusts them, or whose remains it would name wrongly.
Result<void> check_structure(std::string_view bytes, const std::filesystem::path& path) {
    if (bytes.starts_with(png_signature)) {
        return check_png(bytes, path.string());
    }
    return begins_as_jpeg(bytes) ? check_jpeg(bytes, path.string()) : Result<void>();
}

/// The same up to the size of the image, for the beginning of a file that reaches to it.
Result<void> check_header(std::string_view start, const std::filesystem::path& path) {
    if (start.starts_with(png_signature)) {
        return check_png_header(start, path.string());
    }
    return begins_as_jpeg(start) ? check_jpeg_header(start, path.string()) : Result<void>();
}

/// The size of the image, from a file or its beginning. Nothing if that does not reach to it.
std::optional<ImageInfo> info_of(std::string_view bytes) {
    // stb_image reads the tables of a JPEG on the way to its size, and trusts them.
    if (begins_as_jpeg(bytes)) {
        const auto size = jpeg_size(bytes);
        return size ? std::optional(ImageInfo{size->width, size->height}) : std::nullopt;
    }
    ImageInfo info;
    int channels = 0;
    // stb_image takes unsigned bytes.
    const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
    const bool known =
        stbi_info_from_memory(data, static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX)),
                              &info.width, &info.height, &channels) != 0;
    return known ? std::optional(info) : std::nullopt;
}

Result<void> check_size(const std::filesystem::path& path, int width, int height) {
    if (width <= 0 || height <= 0 || static_cast<long long>(width) * height > most_pixels) {
        return fail(path.string(), fmt::format("states {}x{} pixels; at most {} million are read", width,
                                               height, most_pixels >> 20));
    }
    return {};
}

/// Bytes that decoding an image may take: the compressed data twice, and what the formats need for each pixel
/// (most for an interlaced PNG of 16 bits with alpha, 28), with blocks of a JPEG beyond the edge.
std::size_t decoding_budget(std::size_t file_bytes, const ImageInfo& info) {
    constexpr std::size_t per_pixel = 32;
    constexpr std::size_t beyond_edge = 64;
    constexpr std::size_t other = std::size_t{1} << 20;
    return 2 * file_bytes +
           per_pixel * (static_cast<std::size_t>(info.width) + beyond_edge) *
               (static_cast<std::size_t>(info.height) + beyond_edge) +
           other;
}

/// Expands grey to RGB and grey with alpha to RGBA.
std::vector<std::uint8_t> expand_grey(const stbi_uc* pixels, std::size_t count, int channels) {
    if (channels >= 3) {
        return {pixels, pixels + count * static_cast<std::size_t>(channels)};
    }
    std::vector<std::uint8_t> out;
    out.reserve(count * (channels == 1 ? 3 : 4));
    for (std::size_t i = 0; i < count; ++i) {
        const stbi_uc* pixel = pixels + i * static_cast<std::size_t>(channels);
        out.insert(out.end(), 3, pixel[0]);
        if (channels == 2) {
            out.push_back(pixel[1]);
        }
    }
    return out;
}

template <class T>
void mark_what_is_not_zero(const void* pixels, std::vector<stbi_uc>& marks) {
    const auto* values = static_cast<const T*>(pixels);
    std::transform(values, values + marks.size(), marks.begin(),
                   [](T value) { return value == 0 ? stbi_uc{0} : stbi_uc{255}; });
}

Result<Image8> decode(std::string_view bytes, const ImageInfo& info, const std::filesystem::path& path,
                      Samples samples) {
    const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
    const auto size = static_cast<int>(bytes.size());
    Image8 image;
    int channels = 0;
    const StbMemory memory(decoding_budget(bytes.size(), info));
    forget_stb_failure();
    try {
        // Keeps the channels of the file: the header omits the transparency of some PNG files.
        const bool wide = samples == Samples::not_zero && stbi_is_16_bit_from_memory(data, size) != 0;
        void* const decoded =
            wide ? static_cast<void*>(
                       stbi_load_16_from_memory(data, size, &image.width, &image.height, &channels, 0))
                 : stbi_load_from_memory(data, size, &image.width, &image.height, &channels, 0);
        const std::unique_ptr<void, StbFree> pixels(decoded);
        if (pixels == nullptr && memory.exceeded()) {
            return fail(
                path.string(),
                fmt::format("holds more data than an image of {}x{} pixels needs", info.width, info.height),
                "It is damaged, or made to exhaust the memory. Save the image again.");
        }
        if (pixels == nullptr) {
            return stb_failure(path);
        }
        const auto count = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
        image.channels = channels == 1 || channels == 3 ? 3 : 4;
        if (samples == Samples::upper_bits) {
            image.pixels = expand_grey(static_cast<const stbi_uc*>(pixels.get()), count, channels);
            return image;
        }
        std::vector<stbi_uc> marks(count * static_cast<std::size_t>(channels));
        if (wide) {
            mark_what_is_not_zero<stbi_us>(pixels.get(), marks);
        } else {
            mark_what_is_not_zero<stbi_uc>(pixels.get(), marks);
        }
        image.pixels = expand_grey(marks.data(), count, channels);
        return image;
    } catch (const std::runtime_error& error) {  // An assertion of stb_image.
        return fail(path.string(), fmt::format("is not an image that can be read: {}", error.what()),
                    image_hint);
    }
}

void append_big_endian(std::string& bytes, std::uint32_t value) {
    for (const int shift : {24, 16, 8, 0}) {
        bytes.push_back(static_cast<char>((value >> shift) & 0xffU));
    }
}

/// A tEXt chunk, or an iTXt chunk for text that is not ASCII, since tEXt is Latin-1.
std::string text_chunk(const std::string& keyword, const std::string& text) {
    const bool ascii =
        std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) > 0; });
    std::string body = ascii ? "tEXt" : "iTXt";
    body += keyword;
    body.append(ascii ? 1 : 5,
                '\0');  // iTXt: end of keyword, no compression (2), no language, no translation.
    body += text;
    std::string chunk;
    append_big_endian(chunk, static_cast<std::uint32_t>(body.size() - 4));
    chunk += body;
    append_big_endian(chunk, crc32_of(body));
    return chunk;
}

Result<void> check_text(const std::string& keyword, const std::string& text) {
    const bool printable =
        std::all_of(keyword.begin(), keyword.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (keyword.empty() || keyword.size() > 79 || !printable || keyword.front() == ' ' ||
        keyword.back() == ' ') {
        return fail("PNG text",
                    fmt::format("keyword '{}' must be 1 to 79 printable ASCII characters", keyword));
    }
    if (text.find('\0') != std::string::npos || text.size() > INT_MAX / 2) {
        return fail("PNG text '" + keyword + "'", "must not hold a zero byte nor be longer than 1 GB");
    }
    return {};
}

}  // namespace

Result<ImageInfo> image_info(const std::filesystem::path& path) {
    // Only in a PNG or JPEG does much stand before the size.
    constexpr std::size_t most_of_others = std::size_t{8} << 20U;
    LACT_TRY(const OpenFile file, open_for_reading(path));
    // Reads more only where it is needed: a folder has thousands of photos.
    for (std::size_t size = std::size_t{4} << 10U;; size *= 4) {
        LACT_TRY(const std::string start, read_file_part(file, 0, std::min(size, file.size), path));
        const std::optional<ImageInfo> info = info_of(start);
        if (info) {
            LACT_CHECK(check_header(start, path));
            LACT_CHECK(check_size(path, info->width, info->height));
            return *info;
        }
        if (size >= file.size) {
            LACT_CHECK(check_structure(start, path));
            return stb_failure(path);
        }
        const bool known = start.starts_with(png_signature) || begins_as_jpeg(start);
        if (!known && 4 * size > most_of_others) {
            return stb_failure(path);
        }
        if (file.size > largest_file) {
            return tl::unexpected<Error>(
                refused_file(path, FileUse::photo,
                             {fmt::format("has {} bytes; at most {} are read", file.size, largest_file),
                              path.string(), image_hint, false}));
        }
    }
}

namespace {

Result<Image8> load_samples(const std::filesystem::path& path, Samples samples) {
    LACT_TRY(const std::string bytes, read_file(path));
    if (bytes.empty() || bytes.size() > INT_MAX) {
        return tl::unexpected<Error>(
            refused_file(path, FileUse::photo,
                         {"is not an image that can be read: it has " + counted(bytes.size(), "byte"),
                          path.string(), image_hint, false}));
    }
    LACT_CHECK(check_structure(bytes, path));
    const std::optional<ImageInfo> info = info_of(bytes);
    if (!info) {
        return stb_failure(path);
    }
    LACT_CHECK(check_size(path, info->width, info->height));
    return decode(bytes, *info, path, samples);
}

}  // namespace

Result<Image8> load_image(const std::filesystem::path& path) {
    return load_samples(path, Samples::upper_bits);
}

Result<Image8> load_labels(const std::filesystem::path& path) {
    return load_samples(path, Samples::not_zero);
}

Result<std::string> encode_png(const Image8& image,
                               const std::vector<std::pair<std::string, std::string>>& text) {
    const auto expected = static_cast<long long>(image.width) * image.height * image.channels;
    if (image.width <= 0 || image.height <= 0 || (image.channels != 3 && image.channels != 4) ||
        expected != static_cast<long long>(image.pixels.size()) || expected > INT_MAX) {
        return fail("PNG", fmt::format("cannot encode an image of {}x{} pixels, {} channels and {} bytes",
                                       image.width, image.height, image.channels, image.pixels.size()));
    }
    for (const auto& [keyword, value] : text) {
        LACT_CHECK(check_text(keyword, value));
    }
    std::string bytes;
    const auto append = [](void* target, void* data, int size) {
        static_cast<std::string*>(target)->append(static_cast<const char*>(data),
                                                  static_cast<std::size_t>(size));
    };
    const std::string size = fmt::format("an image of {}x{} pixels", image.width, image.height);
    LACT_CHECK(guarded("PNG of " + size, [&]() -> Result<void> {
        const StbWriterMemory memory;
        if (stbi_write_png_to_func(append, &bytes, image.width, image.height, image.channels,
                                   image.pixels.data(), image.width * image.channels) == 0) {
            return fail("PNG", "could not encode " + size);
        }
        return {};
    }));
    std::string chunks;
    for (const auto& [keyword, value] : text) {
        chunks += text_chunk(keyword, value);
    }
    constexpr std::size_t after_header = 8 + 25;  // Signature and the IHDR chunk, which must come first.
    bytes.insert(after_header, chunks);
    return bytes;
}

Image8 to_image8(const ImageF& image) {
    Image8 out{image.width, image.height, 3, std::vector<std::uint8_t>(image.rgb.size())};
    std::transform(image.rgb.begin(), image.rgb.end(), out.pixels.begin(), [](float value) {
        // The order of the comparisons makes NaN black.
        const float clamped = value > 0.0F ? std::min(value, 1.0F) : 0.0F;
        return static_cast<std::uint8_t>(std::lround(clamped * 255.0F));
    });
    return out;
}

ImageF to_image_f(const Image8& rgb) {
    ImageF out{rgb.width, rgb.height, {}};
    const auto channels = static_cast<std::size_t>(rgb.channels);
    out.rgb.reserve(rgb.pixels.size() / channels * 3);
    for (std::size_t at = 0; at + channels <= rgb.pixels.size(); at += channels) {
        for (std::size_t c = 0; c < 3; ++c) {
            out.rgb.push_back(static_cast<float>(rgb.pixels[at + c]) / 255.0F);
        }
    }
    return out;
}

}  // namespace lact
