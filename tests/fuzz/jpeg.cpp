// JPEG: segments, EXIF, and the decoder behind their checks (engine/scene/jpeg.h, exif.h, image.h).
#include "engine/scene/jpeg.h"

#include "engine/scene/exif.h"
#include "engine/scene/photo_files.h"
#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(jpeg) {
    const std::string_view bytes = text_of(data, size);
    JpegSegments segments(bytes);
    while (segments.next()) {
    }
    (void)end_of_jpeg_segments(bytes);
    (void)check_jpeg(bytes, "jpeg");
    (void)check_jpeg_header(bytes, "jpeg");
    const auto path = scratch().file("a.jpg", bytes);
    const int orientation = exif_orientation(path);
    if (orientation < 1 || orientation > 8 ||
        (begins_as_jpeg(bytes) && exif_orientation(bytes) != orientation)) {
        return 1;
    }
    (void)broken_image(path);
    const auto info = image_info(path);
    constexpr int largest = 512;  // Larger ones take the time of many small ones.
    if (!begins_as_jpeg(bytes) || (info && (info->width > largest || info->height > largest))) {
        return 0;
    }
    const auto image = load_image(path);
    if (!image) {
        return 0;
    }
    const Image8 turned = upright(*image, orientation);
    return info && turned.pixels.size() == image->pixels.size() && image->width == info->width ? 0 : 1;
}
