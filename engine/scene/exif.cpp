// Reads the EXIF orientation, the only entry needed. EXIF is stored in the JPEG segment APP1 as a TIFF: a
// byte order, then image file directories (IFD) with entries of 12 bytes.
#include "engine/scene/exif.h"

#include "engine/core/files.h"
#include "engine/scene/jpeg.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace lact {
namespace {

using namespace std::string_view_literals;

/// Reads unsigned integers of a TIFF; 0 beyond its end.
class Tiff {
  public:
    explicit Tiff(std::string_view bytes) : bytes_(bytes), big_(bytes.starts_with("MM"sv)) {}

    [[nodiscard]] bool valid() const { return (big_ || bytes_.starts_with("II"sv)) && number(2, 2) == 42; }
    [[nodiscard]] std::uint32_t number(std::size_t at, std::size_t size) const {
        if (at > bytes_.size() || bytes_.size() - at < size) {
            return 0;
        }
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < size; ++i) {
            value = value << 8U | static_cast<unsigned char>(bytes_[at + (big_ ? i : size - 1 - i)]);
        }
        return value;
    }

  private:
    std::string_view bytes_;
    bool big_;
};

int orientation_in(std::string_view bytes) {
    const Tiff tiff(bytes);
    if (!tiff.valid()) {
        return 1;
    }
    constexpr std::uint32_t orientation = 0x0112;
    const std::size_t ifd = tiff.number(4, 4);
    const std::size_t count = tiff.number(ifd, 2);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t entry = ifd + 2 + 12 * i;
        if (tiff.number(entry, 2) == orientation) {
            const std::uint32_t value = tiff.number(entry + 8, 2);
            return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
        }
    }
    return 1;
}

/// Whether the bytes reach the image data of a JPEG, behind which no EXIF follows.
bool pixels_begin_in(std::string_view jpeg) {
    const std::size_t at = end_of_jpeg_segments(jpeg);
    return at + 1 < jpeg.size() && (jpeg[at] != '\xFF' || jpeg[at + 1] == '\xDA');
}

}  // namespace

int exif_orientation(std::string_view jpeg) {
    constexpr std::string_view name = "Exif\0\0"sv;
    JpegSegments segments(jpeg);
    while (const auto segment = segments.next()) {
        if (segment->marker == jpeg_marker::scan || segment->marker == jpeg_marker::end) {
            break;
        }
        if (segment->marker == jpeg_marker::app1 && segment->body.starts_with(name)) {
            return orientation_in(segment->body.substr(name.size()));
        }
    }
    return 1;
}

int exif_orientation(const std::filesystem::path& path) {
    // EXIF is in the first segments. Most files are no JPEG or begin with it: little is read of a folder of
    // thousands of photos.
    constexpr std::size_t searched = std::size_t{256} << 10U;
    const auto file = open_for_reading(path);
    for (std::size_t size = std::size_t{4} << 10U; file; size *= 4) {
        const auto bytes = read_file_part(*file, 0, std::min(size, file->size), path);
        if (!bytes || !begins_as_jpeg(*bytes)) {
            return 1;
        }
        const int orientation = exif_orientation(std::string_view(*bytes));
        if (orientation != 1 || pixels_begin_in(*bytes) || size >= std::min(searched, file->size)) {
            return orientation;
        }
    }
    return 1;
}

Image8 upright(const Image8& image, int orientation) {
    if (orientation <= 1 || orientation > 8) {
        return image;
    }
    const bool turned = turns_sides(orientation);
    Image8 out{turned ? image.height : image.width, turned ? image.width : image.height, image.channels, {}};
    out.pixels.resize(image.pixels.size());
    const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const auto channels = static_cast<std::size_t>(image.channels);
    for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x) {
            const int along = turned ? y : x;
            const int down = turned ? x : y;
            const int column = from_right ? image.width - 1 - along : along;
            const int row = from_below ? image.height - 1 - down : down;
            const auto from = (static_cast<std::size_t>(row) * static_cast<std::size_t>(image.width) +
                               static_cast<std::size_t>(column)) *
                              channels;
            const auto to = (static_cast<std::size_t>(y) * static_cast<std::size_t>(out.width) +
                             static_cast<std::size_t>(x)) *
                            channels;
            std::copy_n(image.pixels.begin() + static_cast<std::ptrdiff_t>(from), channels,
                        out.pixels.begin() + static_cast<std::ptrdiff_t>(to));
        }
    }
    return out;
}

}  // namespace lact
