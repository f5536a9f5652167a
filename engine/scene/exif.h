#pragma once

#include "engine/scene/image.h"

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace lact {

/// The EXIF orientation of a photo: 1 upright, 2 to 8 mirrored or rotated; from 5 on, width and height are
/// swapped. 1 if the file has no valid entry. `jpeg`: the bytes of a file, or its beginning.
[[nodiscard]] int exif_orientation(std::string_view jpeg);
[[nodiscard]] int exif_orientation(const std::filesystem::path& path);
/// The offset behind the segments of a JPEG, which hold EXIF and previews: the marker FF DA of its pixels, or
/// the first bytes that are no segment. `jpeg`: the bytes of a file, or its beginning; the offset may lie
/// beyond them.
[[nodiscard]] std::size_t end_of_jpeg_segments(std::string_view jpeg);
/// Whether the orientation swaps width and height.
[[nodiscard]] constexpr bool turns_sides(int orientation) {
    return orientation >= 5;
}

/// The image in upright orientation.
[[nodiscard]] Image8 upright(const Image8& image, int orientation);

}  // namespace lact
