#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace lact {

/// 8-bit picture, rows from the top, channels interleaved: value (x, y, c) at `(y * width + x) * channels +
/// c`.
struct Image8 {
    int width = 0;
    int height = 0;
    int channels = 0;  ///< 3 (RGB) or 4 (RGBA, not premultiplied).
    std::vector<std::uint8_t> pixels;
};

/// Floating-point RGB picture in [0, 1], interleaved like Image8: what the model reads and makes.
struct ImageF {
    int width = 0;
    int height = 0;
    std::vector<float> rgb;  ///< height * width * 3 values.
};

/// What the header of a picture file says, without decoding the picture.
struct ImageInfo {
    int width = 0;
    int height = 0;
};
[[nodiscard]] Result<ImageInfo> image_info(const std::filesystem::path& path);

/// Reads a PNG, JPEG, BMP or TGA file as RGB or RGBA: grey becomes RGB, grey with alpha RGBA, 16 bits the
/// upper 8. At most 2^28 pixels. Errors name the file and stb_image's reason.
[[nodiscard]] Result<Image8> load_image(const std::filesystem::path& path);

/// PNG file bytes of a picture; `text` entries (keyword, UTF-8 text) become tEXt chunks, or iTXt where not
/// ASCII: provenance. Errors: sizes that do not fit the pixels, a keyword PNG does not allow.
[[nodiscard]] Result<std::string> encode_png(
    const Image8& image, const std::vector<std::pair<std::string, std::string>>& text = {});

/// The picture as 8-bit RGB: round(255 v), clamped.
/// NaN becomes 0.
[[nodiscard]] Image8 to_image8(const ImageF& image);
/// Values / 255; an alpha channel is left out.
[[nodiscard]] ImageF to_image_f(const Image8& rgb);

}  // namespace lact
