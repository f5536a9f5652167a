#include "engine/scene/prepare.h"

#include "engine/core/parallel.h"
#include "engine/scene/exif.h"
#include "engine/scene/resample.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace lact {

namespace {

int floor_half(int value) {
    return value >= 0 ? value / 2 : -((1 - value) / 2);
}

/// Whether two sizes have the same aspect within 1 %: one is a reduced copy of the other.
bool same_aspect(Size a, Size b) {
    return std::abs(static_cast<double>(a.width) / a.height / (static_cast<double>(b.width) / b.height) -
                    1) <= 0.01;
}

Result<void> check_aspect(const std::filesystem::path& file, Size found, Size stated, const char* stated_by) {
    if (!same_aspect(found, stated)) {
        return fail(file.string(),
                    fmt::format("is {}x{} pixels, but {} says {}x{}, which has another aspect", found.width,
                                found.height, stated_by, stated.width, stated.height),
                    "Put the original photo back, or correct the stated size and intrinsics.");
    }
    return {};
}

/// The photo in the orientation of its camera. If the stated size is that after EXIF orientation, the pose
/// belongs to the upright photo.
Result<Image8> as_stated(Image8 image, const std::filesystem::path& file, Size stated) {
    const Size stored{image.width, image.height};
    if (same_aspect(stored, stated)) {
        return image;
    }
    const int orientation = exif_orientation(file);
    if (turns_sides(orientation) && same_aspect({stored.height, stored.width}, stated)) {
        return upright(image, orientation);
    }
    if (turns_sides(orientation)) {
        return fail(file.string(),
                    fmt::format("is stored turned by 90 degrees (EXIF orientation {}), as {}x{} pixels; the "
                                "scene file says {}x{}, which is the aspect of neither",
                                orientation, stored.width, stored.height, stated.width, stated.height),
                    "Put the original photo back, or correct the stated size and intrinsics.");
    }
    LACT_CHECK(check_aspect(file, stored, stated, "the scene file"));
    return image;
}

/// The intrinsics for a reduced copy of the photo; unchanged if the size is the stated one.
Camera at_size(const Camera& camera, Size size) {
    Camera out = camera;
    const double x = static_cast<double>(size.width) / camera.width;
    const double y = static_cast<double>(size.height) / camera.height;
    out.width = size.width;
    out.height = size.height;
    out.fx *= x;
    out.cx *= x;
    out.fy *= y;
    out.cy *= y;
    return out;
}

/// Multiplies the alpha of `image` (255 if it has none) by the grey value of `mask`.
Image8 masked(const Image8& image, const Image8& mask) {
    Image8 out{image.width, image.height, 4, {}};
    const auto pixels = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
    const auto channels = static_cast<std::size_t>(image.channels);
    const auto mask_channels = static_cast<std::size_t>(mask.channels);
    out.pixels.resize(pixels * 4);
    for (std::size_t i = 0; i < pixels; ++i) {
        const std::uint8_t* from = &image.pixels[i * channels];
        std::uint8_t* to = &out.pixels[i * 4];
        std::copy_n(from, 3, to);
        to[3] = multiply_255(channels == 4 ? from[3] : 255, mask.pixels[i * mask_channels]);
    }
    return out;
}

Result<Image8> load_masked(const SceneView& view) {
    LACT_TRY(Image8 stored, load_image(view.image));
    LACT_TRY(Image8 image, as_stated(std::move(stored), view.image, {view.camera.width, view.camera.height}));
    if (!view.mask.has_value()) {
        return image;
    }
    LACT_TRY(Image8 mask, load_image(*view.mask));
    const Size size{image.width, image.height};
    if (const int turned = exif_orientation(view.image);
        turns_sides(turned) && !same_aspect({mask.width, mask.height}, size)) {
        mask = upright(mask, turned);  // Painted over the stored pixels.
    }
    if (size != Size{mask.width, mask.height}) {
        LACT_CHECK(check_aspect(*view.mask, {mask.width, mask.height}, size, "its photo"));
        mask = resize_lanczos(mask, size);
    }
    return masked(image, mask);
}

float foreground_share(const Image8& rgb) {
    const std::size_t pixels = rgb.pixels.size() / 3;
    std::size_t count = 0;
    for (std::size_t i = 0; i < pixels; ++i) {
        const std::uint8_t* pixel = &rgb.pixels[i * 3];
        // 254 counts as white: resampling and JPEG produce it on a white background.
        count += std::any_of(pixel, pixel + 3, [](std::uint8_t v) { return v < 254; }) ? 1U : 0U;
    }
    return pixels == 0 ? 0.0F : static_cast<float>(count) / static_cast<float>(pixels);
}

Result<PreparedView> prepare_view(const SceneView& view, std::size_t index, Size target) {
    LACT_TRY(Image8 image, load_masked(view));
    const Size size{image.width, image.height};
    const Camera camera = at_size(view.camera, size);
    if (bends(view.distortion, camera)) {
        image = undistort(image, camera, view.distortion);
    }
    const CoverCrop crop = cover_crop(size, target);
    const Image8 rgb = compose_over_white(apply(crop, image, target));
    return PreparedView{index, std::make_shared<const ImageF>(to_image_f(rgb)), apply(crop, camera, target),
                        foreground_share(rgb), view.test};
}

Result<void> check_request(const SceneFiles& scene, std::span<const std::size_t> indices, Size target) {
    if (target.width <= 0 || target.height <= 0) {
        return fail("size", fmt::format("{}x{} is not the size of an image", target.width, target.height));
    }
    for (const std::size_t index : indices) {
        if (index >= scene.views.size()) {
            return fail(scene.folder.string(), fmt::format("has no view {}: it has {} views, counted from 0",
                                                           index, scene.views.size()));
        }
    }
    const double bytes =
        static_cast<double>(indices.size()) * target.width * target.height * 3 * sizeof(float);
    const double memory =
        static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
    if (memory > 0 && bytes > memory) {
        return fail(scene.folder.string(),
                    fmt::format("{} views of {}x{} pixels need {:.1f} GB, this machine has {:.1f} GB",
                                indices.size(), target.width, target.height, bytes / 1e9, memory / 1e9),
                    "Choose fewer views or a smaller size.");
    }
    return {};
}

/// prepare_view() without exceptions, for worker threads.
Result<PreparedView> prepare_view_caught(const SceneView& view, std::size_t index, Size target) {
    try {
        return prepare_view(view, index, target);
    } catch (const std::bad_alloc&) {
        return fail(view.image.string(), "cannot be prepared: out of memory",
                    "Choose fewer views or a smaller size.");
    } catch (const std::exception& error) {
        return fail(view.image.string(), fmt::format("could not be prepared: {}", error.what()));
    }
}

}  // namespace

CoverCrop cover_crop(Size source, Size target) {
    CoverCrop crop;
    crop.scale = std::max(static_cast<double>(target.width) / source.width,
                          static_cast<double>(target.height) / source.height);
    // Rounds half to even, as Python does and as the default rounding mode does; never below the target.
    crop.resized.width = std::max(target.width, static_cast<int>(std::nearbyint(source.width * crop.scale)));
    crop.resized.height =
        std::max(target.height, static_cast<int>(std::nearbyint(source.height * crop.scale)));
    crop.left = floor_half(crop.resized.width - target.width);
    crop.top = floor_half(crop.resized.height - target.height);
    return crop;
}

Image8 apply(const CoverCrop& crop, const Image8& image, Size target) {
    return resize_lanczos_window(image, crop.resized, crop.left, crop.top, target);
}

Camera apply(const CoverCrop& crop, const Camera& camera, Size target) {
    Camera out = camera;
    out.width = target.width;
    out.height = target.height;
    out.fx *= crop.scale;
    out.fy *= crop.scale;
    out.cx = camera.cx * crop.scale - crop.left;
    out.cy = camera.cy * crop.scale - crop.top;
    return out;
}

Image8 compose_over_white(const Image8& image) {
    if (image.channels == 3) {
        return image;
    }
    Image8 out{image.width, image.height, 3, {}};
    out.pixels.reserve(image.pixels.size() / 4 * 3);
    for (std::size_t at = 0; at + 3 < image.pixels.size(); at += 4) {
        const int alpha = image.pixels[at + 3];
        for (std::size_t c = 0; c < 3; ++c) {
            out.pixels.push_back(divide_255(255 * (255 - alpha) + image.pixels[at + c] * alpha));
        }
    }
    return out;
}

float mean_foreground(std::span<const PreparedView> views) {
    float sum = 0;
    for (const PreparedView& view : views) {
        sum += view.foreground;
    }
    return sum / static_cast<float>(views.size());
}

Result<std::vector<PreparedView>> prepare_views(const SceneFiles& scene, std::span<const std::size_t> indices,
                                                Size target, const Job& job) {
    LACT_CHECK(check_request(scene, indices, target));
    std::vector<PreparedView> views(indices.size());
    std::mutex mutex;  // Guards the variables below and calls of job.report.
    std::size_t done = 0;
    std::optional<std::pair<std::size_t, Error>>
        first_error;  // The error with the lowest position, so that the result is deterministic.
    std::atomic<bool> failed = false;
    parallel_for(indices.size(), [&](std::size_t i) {
        if (failed || job.stopped()) {
            return;
        }
        Result<PreparedView> view = prepare_view_caught(scene.views[indices[i]], indices[i], target);
        const std::scoped_lock lock(mutex);
        if (!view) {
            failed = true;
            if (!first_error || i < first_error->first) {
                first_error.emplace(i, std::move(view.error()));
            }
            return;
        }
        views[i] = std::move(*view);
        job.progress("photos", static_cast<double>(++done) / static_cast<double>(indices.size()));
    });
    if (first_error) {
        return tl::unexpected<Error>(std::move(first_error->second));
    }
    if (job.stopped()) {
        return cancelled();
    }
    return views;
}

}  // namespace lact
