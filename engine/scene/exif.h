#pragma once

#include "engine/scene/image.h"

#include <filesystem>
#include <string_view>

namespace lact {

/// How a photo is to be turned to stand upright, as EXIF counts it: 1 as it is, 2 to 8 mirrored or turned;
/// from 5 on its sides change places. 1 where a file says nothing that can be understood. `jpeg`: the bytes
/// of a file, or its beginning.
[[nodiscard]] int exif_orientation(std::string_view jpeg);
[[nodiscard]] int exif_orientation(const std::filesystem::path& path);
/// Whether width and height change places.
[[nodiscard]] constexpr bool turns_sides(int orientation) {
    return orientation >= 5;
}

/// The picture as it stands upright.
[[nodiscard]] Image8 upright(const Image8& image, int orientation);

}  // namespace lact
