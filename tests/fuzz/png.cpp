// PNG: the check of its chunks and the decoder behind it; also BMP and TGA (engine/scene/png.h, image.h).
#include "engine/scene/png.h"

#include "engine/scene/image.h"
#include "engine/scene/photo_files.h"
#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(png) {
    const std::string_view bytes = text_of(data, size);
    (void)check_png(bytes, "png");
    const auto path = scratch().file("a.png", bytes);
    (void)broken_image(path);
    const auto info = image_info(path);
    constexpr int largest = 512;  // Larger ones take the time of many small ones.
    if (info && (info->width > largest || info->height > largest)) {
        return 0;
    }
    const auto image = load_image(path);
    if (!image) {
        return image.error().what.empty() ? 1 : 0;
    }
    const auto again = encode_png(*image);
    return again && check_png(*again, "again") && info && image->width == info->width ? 0 : 1;
}
