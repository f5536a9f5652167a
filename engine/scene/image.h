#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace lact {

/// 8-bit image, rows from the top, channels interleaved: value (x, y, c) at `(y * width + x) * channels +
/// c`.
struct Image8 {
    int width = 0;
    int height = 0;
    int channels = 0;  ///< 3 (RGB) or 4 (RGBA, not premultiplied).
    std::vector<std::uint8_t> pixels;
};

/// Floating-point RGB image in [0, 1], interleaved like Image8: input and output of the model.
struct ImageF {
    int width = 0;
    int height = 0;
    std::vector<float> rgb;  ///< height * width * 3 values.
};

/// The header of an image file, read without decoding the image.
struct ImageInfo {
    int width = 0;
    int height = 0;
};
[[nodiscard]] Result<ImageInfo> image_info(const std::filesystem::path& path);

/// Reads a PNG, JPEG, BMP or TGA file as RGB or RGBA: grey becomes RGB, grey with alpha RGBA, 16 bits their
/// upper 8. At most 2^28 pixels. Errors name the file and the reason of stb_image.
[[nodiscard]] Result<Image8> load_image(const std::filesystem::path& path);

/// The same of a mask whose values are small numbers: 255 in place of every value that is not 0, of all 16
/// bits where a file has them.
[[nodiscard]] Result<Image8> load_labels(const std::filesystem::path& path);

/// The bytes of a PNG file; `text` entries (keyword, UTF-8 text) become tEXt chunks, or iTXt if not ASCII,
/// for provenance. Errors: sizes that do not match the pixels, an invalid keyword, no memory.
[[nodiscard]] Result<std::string> encode_png(
    const Image8& image, const std::vector<std::pair<std::string, std::string>>& text = {});

/// The image as 8-bit RGB: round(255 v), clamped.
/// NaN becomes 0.
[[nodiscard]] Image8 to_image8(const ImageF& image);
/// Values / 255, without the alpha channel.
[[nodiscard]] ImageF to_image_f(const Image8& rgb);

}  // namespace lact
