// The structure of a JPEG file, ITU-T T.81 Annex B.
#include "engine/scene/jpeg.h"

#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>

namespace lact {
namespace {

unsigned jpeg_byte(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

bool is_restart(unsigned marker) {
    return marker >= 0xD0 && marker <= 0xD7;
}

bool has_no_body(unsigned marker) {
    return marker == jpeg_marker::start || marker == jpeg_marker::end || is_restart(marker);
}

bool is_frame(unsigned marker) {
    constexpr unsigned huffman = 0xC4;
    constexpr unsigned reserved = 0xC8;
    constexpr unsigned arithmetic = 0xCC;
    return marker >= 0xC0 && marker <= 0xCF && marker != huffman && marker != reserved &&
           marker != arithmetic;
}

constexpr unsigned readable_precision = 8;

/// Baseline, extended or progressive with Huffman coding, of 8 bits.
bool is_readable_frame(const JpegSegment& segment) {
    constexpr unsigned baseline = 0xC0;
    constexpr unsigned progressive = 0xC2;
    return segment.marker >= baseline && segment.marker <= progressive && !segment.body.empty() &&
           jpeg_byte(segment.body, 0) == readable_precision;
}

/// What the segments of a JPEG have defined so far.
class JpegChecker {
  public:
    explicit JpegChecker(const std::string& where) : where_(where) {}

    Result<void> take(const JpegSegment& segment);
    /// At the end marker. Error: a component without pixels, or whose quantization table is missing.
    Result<void> finish() const;

  private:
    struct Component {
        unsigned id = 0;
        std::size_t quantization = 0;
        bool scanned = false;
    };

    Result<void> take_huffman(std::string_view body);
    Result<void> take_quantization(std::string_view body);
    Result<void> take_frame(unsigned marker, std::string_view body);
    Result<void> take_scan(std::string_view body);
    Result<void> check_tables(const Component& component, unsigned tables, std::string_view parameters) const;
    tl::unexpected<Error> damaged(const std::string& what) const {
        return fail(where_, "is a damaged JPEG: " + what, "Export or copy the photo again.");
    }

    const std::string& where_;
    std::array<std::array<bool, 4>, 2> huffman_{};  ///< Defined, of class (DC, AC) and number.
    std::array<bool, 4> quantization_{};
    std::array<Component, 4> components_{};
    std::size_t component_count_ = 0;  ///< 0 before the frame header.
    bool progressive_ = false;
};

Result<void> JpegChecker::take(const JpegSegment& segment) {
    constexpr unsigned huffman = 0xC4;
    constexpr unsigned quantization = 0xDB;
    if (!segment.whole) {
        return fail(where_,
                    fmt::format("is a JPEG that is cut short: it ends in the segment {:02X}", segment.marker),
                    "Export or copy the photo again.");
    }
    switch (segment.marker) {
        case huffman:
            return take_huffman(segment.body);
        case quantization:
            return take_quantization(segment.body);
        case jpeg_marker::scan:
            return take_scan(segment.body);
        default:
            break;
    }
    return is_frame(segment.marker) ? take_frame(segment.marker, segment.body) : Result<void>();
}

Result<void> JpegChecker::take_huffman(std::string_view body) {
    constexpr std::size_t head = 17;  // Class and number, then the count of codes of each length.
    constexpr unsigned most_codes = 256;
    while (!body.empty()) {
        if (body.size() < head) {
            return damaged("a segment of Huffman tables ends within a table");
        }
        const unsigned kind = jpeg_byte(body, 0) >> 4U;
        const unsigned number = jpeg_byte(body, 0) & 15U;
        if (kind > 1 || number > 3) {
            return damaged(
                fmt::format("it defines a Huffman table of class {} and number {}; classes are 0 and 1, "
                            "numbers 0 to 3",
                            kind, number));
        }
        unsigned codes = 0;
        for (std::size_t i = 1; i < head; ++i) {
            codes += jpeg_byte(body, i);
        }
        if (codes > most_codes) {
            return damaged(
                fmt::format("a Huffman table has {} codes, at most {} are possible", codes, most_codes));
        }
        if (body.size() - head < codes) {
            return damaged("a segment of Huffman tables ends within a table");
        }
        huffman_[kind][number] = true;
        body.remove_prefix(head + codes);
    }
    return {};
}

Result<void> JpegChecker::take_quantization(std::string_view body) {
    constexpr std::size_t values = 64;
    while (!body.empty()) {
        const unsigned precision = jpeg_byte(body, 0) >> 4U;
        const unsigned number = jpeg_byte(body, 0) & 15U;
        if (precision > 1 || number > 3) {
            return damaged(fmt::format("it defines a quantization table of precision {} and number {}",
                                       precision, number));
        }
        const std::size_t size = 1 + values * (precision + 1);
        if (body.size() < size) {
            return damaged("a segment of quantization tables ends within a table");
        }
        quantization_[number] = true;
        body.remove_prefix(size);
    }
    return {};
}

Result<void> JpegChecker::take_frame(unsigned marker, std::string_view body) {
    constexpr unsigned baseline = 0xC0;
    constexpr unsigned progressive = 0xC2;
    constexpr std::size_t head = 6;  // Precision, height, width, number of components.
    if (marker < baseline || marker > progressive) {
        return fail(where_,
                    fmt::format("is a JPEG of a kind that is not read (lossless or arithmetic coding, SOF{})",
                                marker - baseline),
                    "Save the photo as a usual JPEG or as PNG.");
    }
    if (!body.empty() && jpeg_byte(body, 0) != readable_precision) {
        return fail(where_,
                    fmt::format("is a JPEG with {} bits a value, {} are read", jpeg_byte(body, 0),
                                readable_precision),
                    "Save the photo as a usual JPEG or as PNG.");
    }
    if (component_count_ > 0) {
        return damaged("it has two frame headers");
    }
    const std::size_t count = body.size() < head ? 0 : jpeg_byte(body, 5);
    if ((count != 1 && count != 3 && count != 4) || body.size() != head + 3 * count) {
        return damaged(fmt::format("its frame header of {} bytes states {} components", body.size(), count));
    }
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view entry = body.substr(head + 3 * i, 3);
        const unsigned across = jpeg_byte(entry, 1) >> 4U;
        const unsigned down = jpeg_byte(entry, 1) & 15U;
        const unsigned table = jpeg_byte(entry, 2);
        if (across < 1 || across > 4 || down < 1 || down > 4 || table > 3) {
            return damaged(fmt::format("component {} has sampling factors {}x{} and quantization table {}", i,
                                       across, down, table));
        }
        components_[i] = {jpeg_byte(entry, 0), table, false};
    }
    component_count_ = count;
    progressive_ = marker == progressive;
    return {};
}

Result<void> JpegChecker::take_scan(std::string_view body) {
    const std::size_t count = body.empty() ? 0 : jpeg_byte(body, 0);
    if (component_count_ == 0) {
        return damaged("pixels begin before the frame header");
    }
    if (count < 1 || count > component_count_ || body.size() != 4 + 2 * count) {
        return damaged(fmt::format("a scan header of {} bytes states {} of {} components", body.size(), count,
                                   component_count_));
    }
    for (std::size_t i = 0; i < count; ++i) {
        const unsigned id = jpeg_byte(body, 1 + 2 * i);
        const auto used = components_.begin() + static_cast<std::ptrdiff_t>(component_count_);
        const auto found =
            std::find_if(components_.begin(), used, [id](const Component& one) { return one.id == id; });
        if (found == used) {
            return damaged(fmt::format("a scan names component {}, which the frame header does not", id));
        }
        LACT_CHECK(check_tables(*found, jpeg_byte(body, 2 + 2 * i), body.substr(1 + 2 * count)));
        found->scanned = true;
    }
    return {};
}

/// `tables`: numbers of the DC and the AC table; `parameters`: first and last coefficient, bit positions.
Result<void> JpegChecker::check_tables(const Component& component, unsigned tables,
                                       std::string_view parameters) const {
    const unsigned dc = tables >> 4U;
    const unsigned ac = tables & 15U;
    if (dc > 3 || ac > 3) {
        return damaged(fmt::format("a scan uses the Huffman tables {} and {}; numbers are 0 to 3", dc, ac));
    }
    const bool first_dc = jpeg_byte(parameters, 0) == 0;
    const bool refines = (jpeg_byte(parameters, 2) >> 4U) != 0;
    // A progressive scan has either DC or AC coefficients; bits that refine DC are not coded.
    const bool needs_dc = !progressive_ || (first_dc && !refines);
    const bool needs_ac = !progressive_ || !first_dc;
    if ((needs_dc && !huffman_[0][dc]) || (needs_ac && !huffman_[1][ac])) {
        return damaged(fmt::format("a scan uses the {} Huffman table {}, which is not defined before it",
                                   needs_dc && !huffman_[0][dc] ? "DC" : "AC",
                                   needs_dc && !huffman_[0][dc] ? dc : ac));
    }
    if (!progressive_ && !quantization_[component.quantization]) {
        return damaged(fmt::format("a scan uses the quantization table {}, which is not defined before it",
                                   component.quantization));
    }
    return {};
}

Result<void> JpegChecker::finish() const {
    if (component_count_ == 0) {
        return damaged("it has no frame header");
    }
    for (std::size_t i = 0; i < component_count_; ++i) {
        if (!components_[i].scanned) {
            return damaged(fmt::format("component {} has no pixels", i));
        }
        if (!quantization_[components_[i].quantization]) {
            return damaged(
                fmt::format("the quantization table {} is not defined", components_[i].quantization));
        }
    }
    return {};
}

}  // namespace

std::optional<JpegSegment> JpegSegments::next() {
    if (!skip_padding()) {
        return std::nullopt;
    }
    std::size_t at = at_;
    while (at < bytes_.size() && jpeg_byte(bytes_, at) == 0xFF) {
        ++at;  // Any number of fill bytes may come before a marker.
    }
    if (at >= bytes_.size()) {
        at_ = at;
        return std::nullopt;
    }
    JpegSegment segment{static_cast<unsigned char>(bytes_[at]), {}, true};
    ++at;
    if (has_no_body(segment.marker)) {
        at_ = at;
        return segment;
    }
    constexpr std::size_t length_bytes = 2;
    if (bytes_.size() - at < length_bytes) {
        at_ = bytes_.size();
        segment.whole = false;
        return segment;
    }
    const std::size_t length = jpeg_byte(bytes_, at) * 256U + jpeg_byte(bytes_, at + 1);
    if (length < length_bytes) {
        return std::nullopt;
    }
    segment.body = bytes_.substr(at + length_bytes, length - length_bytes);
    segment.whole = segment.body.size() == length - length_bytes;
    at_ = at + length;
    framed_ = framed_ || is_frame(segment.marker);
    if (segment.marker == jpeg_marker::scan) {
        skip_pixels();
    }
    return segment;
}

/// Moves to FF. Before the frame header, any bytes may follow a segment: some cameras fill space there.
bool JpegSegments::skip_padding() {
    if (at_ > 0 && !framed_) {
        at_ = std::min(bytes_.find('\xFF', std::min(at_, bytes_.size())), std::max(at_, bytes_.size()));
    }
    return at_ < bytes_.size() && jpeg_byte(bytes_, at_) == 0xFF;
}

/// Moves to the next marker: in the pixels, FF is followed by 00 or a restart marker.
void JpegSegments::skip_pixels() {
    while (at_ < bytes_.size()) {
        const std::size_t found = bytes_.find('\xFF', at_);
        if (found == std::string_view::npos) {
            break;
        }
        std::size_t marker = found;
        while (marker < bytes_.size() && jpeg_byte(bytes_, marker) == 0xFF) {
            ++marker;
        }
        if (marker < bytes_.size() && bytes_[marker] != '\0' && !is_restart(jpeg_byte(bytes_, marker))) {
            at_ = found;
            return;
        }
        at_ = marker + 1;
    }
    at_ = bytes_.size();
}

bool begins_as_jpeg(std::string_view bytes) {
    const auto first = JpegSegments(bytes).next();
    return first && first->marker == jpeg_marker::start;
}

std::optional<JpegSize> jpeg_size(std::string_view bytes) {
    constexpr std::size_t head = 5;  // Precision, height, width.
    JpegSegments segments(bytes);
    while (const auto segment = segments.next()) {
        if (is_readable_frame(*segment) && segment->whole && segment->body.size() >= head) {
            const auto number = [&](std::size_t at) {
                return static_cast<int>(jpeg_byte(segment->body, at) * 256U +
                                        jpeg_byte(segment->body, at + 1));
            };
            return JpegSize{number(3), number(1)};
        }
        if (is_frame(segment->marker) || segment->marker == jpeg_marker::scan ||
            segment->marker == jpeg_marker::end) {
            break;
        }
    }
    return std::nullopt;
}

std::size_t end_of_jpeg_segments(std::string_view jpeg) {
    // Up to the header of the first scan.
    JpegSegments segments(jpeg);
    std::size_t end = 0;
    while (const auto segment = segments.next()) {
        if (segment->marker == jpeg_marker::scan || segment->marker == jpeg_marker::end) {
            return end;
        }
        end = segments.position();
    }
    return end;
}

Result<void> check_jpeg_header(std::string_view bytes, const std::string& where) {
    JpegSegments segments(bytes);
    JpegChecker checker(where);
    while (const auto segment = segments.next()) {
        LACT_CHECK(checker.take(*segment));
        if (is_frame(segment->marker)) {
            break;
        }
    }
    return {};
}

Result<void> check_jpeg(std::string_view bytes, const std::string& where) {
    JpegSegments segments(bytes);
    JpegChecker checker(where);
    bool first = true;
    while (const auto segment = segments.next()) {
        if (first != (segment->marker == jpeg_marker::start)) {
            break;
        }
        first = false;
        if (segment->marker == jpeg_marker::end) {
            return checker.finish();
        }
        LACT_CHECK(checker.take(*segment));
    }
    if (segments.cut()) {
        return fail(where, fmt::format("is a JPEG that is cut short, at byte {}", bytes.size()),
                    "Export or copy the photo again.");
    }
    return fail(where,
                fmt::format("is a damaged JPEG: no valid marker follows at byte {}", segments.position()),
                "Export or copy the photo again.");
}

}  // namespace lact
