#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lact {

/// A marker segment of a JPEG: FF (once or more), the marker, two bytes of length, the body. Markers without
/// a body (start, end) have an empty one.
struct JpegSegment {
    unsigned char marker = 0;
    std::string_view body;  ///< As far as the bytes reach.
    bool whole = true;      ///< All of the body is there.
};

namespace jpeg_marker {
inline constexpr unsigned char start = 0xD8;
inline constexpr unsigned char end = 0xD9;
inline constexpr unsigned char scan = 0xDA;
inline constexpr unsigned char app1 = 0xE1;  ///< EXIF.
}  // namespace jpeg_marker

/// Walks over the marker segments of a JPEG, the only such walk: from the start marker to the end marker,
/// past the compressed pixels behind each scan segment.
class JpegSegments {
  public:
    explicit JpegSegments(std::string_view bytes) : bytes_(bytes) {}

    /// The next segment; nothing where no marker follows.
    [[nodiscard]] std::optional<JpegSegment> next();
    /// The offset behind the last segment; may lie beyond the bytes.
    [[nodiscard]] std::size_t position() const { return at_; }
    /// Whether the walk ended because the bytes do.
    [[nodiscard]] bool cut() const { return at_ >= bytes_.size(); }

  private:
    void skip_pixels();
    [[nodiscard]] bool skip_padding();

    std::string_view bytes_;
    std::size_t at_ = 0;
    bool framed_ = false;  ///< The frame header was passed.
};

struct JpegSize {
    int width = 0;
    int height = 0;
};

/// Whether a decoder takes the bytes for a JPEG: FF, once or more, then D8.
[[nodiscard]] bool begins_as_jpeg(std::string_view bytes);

/// The size that the header of a frame of a readable kind states. Nothing if the bytes, which may be the
/// beginning of a file, end before it or hold none.
[[nodiscard]] std::optional<JpegSize> jpeg_size(std::string_view bytes);

/// The offset behind the segments of a JPEG, which hold EXIF and previews: that of its pixels, or the first
/// bytes that are no segment. `jpeg`: the bytes of a file, or its beginning; the offset may lie beyond them.
[[nodiscard]] std::size_t end_of_jpeg_segments(std::string_view jpeg);

/// Checks the segments of a JPEG before a decoder that trusts them (stb_image) sees it: Huffman tables have
/// at most 256 codes, tables have valid numbers and whole segments, and each scan uses tables and components
/// that were defined. Errors: what is wrong, in file `where`; a file that is cut short; a kind that is not
/// decoded (lossless, arithmetic coding).
[[nodiscard]] Result<void> check_jpeg(std::string_view bytes, const std::string& where);

/// The same up to the frame header, for a file or its beginning that reaches to it.
[[nodiscard]] Result<void> check_jpeg_header(std::string_view bytes, const std::string& where);

}  // namespace lact
