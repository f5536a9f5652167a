#pragma once

#include "engine/scene/image.h"

#include <filesystem>
#include <string_view>

namespace lact {

/// The EXIF orientation of a photo: 1 upright, 2 to 8 mirrored or rotated; from 5 on, width and height are
/// swapped. 1 if the file has no valid entry. `jpeg`: the bytes of a file, or its beginning.
[[nodiscard]] int exif_orientation(std::string_view jpeg);
[[nodiscard]] int exif_orientation(const std::filesystem::path& path);
/// Whether the orientation swaps width and height.
[[nodiscard]] constexpr bool turns_sides(int orientation) {
    return orientation >= 5;
}

/// The image in upright orientation.
[[nodiscard]] Image8 upright(const Image8& image, int orientation);

}  // namespace lact
