#include "engine/scene/prepare.h"

#include "engine/core/counted.h"
#include "engine/core/file_kind.h"
#include "engine/core/parallel.h"
#include "engine/core/printable.h"
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

Result<void> check_aspect(const std::filesystem::path& file, Size found, Size stated, const char* stated_by) {
    if (!same_aspect(found, stated)) {
        return fail(file.string(),
                    fmt::format("is {}x{} pixels, but {} says {}x{}, which has another aspect", found.width,
                                found.height, stated_by, stated.width, stated.height),
                    "Put the original photo back, or correct the stated size and intrinsics.");
    }
    return {};
}

/// Checks the aspect of a photo, turned by the orientation of its view, against its camera.
Result<void> check_photo(const SceneView& view, Size turned) {
    const Size stated = view.camera.size();
    const int orientation = view.orientation == 1 ? exif_orientation(view.image) : 1;
    if (turns_sides(orientation) && !same_aspect(turned, stated)) {
        return fail(view.image.string(),
                    fmt::format("is stored turned by 90 degrees (EXIF orientation {}), as {}x{} pixels; the "
                                "scene file says {}x{}, which is the aspect of neither",
                                orientation, turned.width, turned.height, stated.width, stated.height),
                    "Put the original photo back, or correct the stated size and intrinsics.");
    }
    return check_aspect(view.image, turned, stated, "the scene file");
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

/// The smallest and the largest colour value of the pixel that begins at `at`; alpha does not count.
std::pair<std::uint8_t, std::uint8_t> range_of_pixel(const Image8& mask, std::size_t at) {
    return std::minmax({mask.pixels[at], mask.pixels[at + 1], mask.pixels[at + 2]});
}

/// The largest value of a mask, of any colour.
std::uint8_t brightest(const Image8& mask) {
    const auto channels = static_cast<std::size_t>(mask.channels);
    std::uint8_t most = 0;
    for (std::size_t at = 0; at < mask.pixels.size(); at += channels) {
        most = std::max(most, range_of_pixel(mask, at).second);
    }
    return most;
}

/// What the compression of a JPEG may add to a value.
constexpr int noise = 32;

/// Whether a mask has colours: programs for segmentation paint every object in one of its own. The noise of a
/// grey JPEG is none.
bool is_coloured(const Image8& mask) {
    const auto channels = static_cast<std::size_t>(mask.channels);
    for (std::size_t at = 0; at < mask.pixels.size(); at += channels) {
        const auto [least, most] = range_of_pixel(mask, at);
        if (most - least > noise) {
            return true;
        }
    }
    return false;
}

/// Makes every pixel with a value above `black` opaque and all others transparent, in the first value of
/// each, which masked() reads.
void keep_what_is_not_black(Image8& mask, int black) {
    const auto channels = static_cast<std::size_t>(mask.channels);
    for (std::size_t at = 0; at < mask.pixels.size(); at += channels) {
        mask.pixels[at] = range_of_pixel(mask, at).second > black ? 255 : 0;
    }
}

/// A mask of 0 to 255 for its photo.
struct LoadedMask {
    Image8 image;
    bool labels = false;  ///< The file holds labels.
};

/// The mask in a file that marks what is left out (SceneView::mask_hides): what is black is kept.
Result<LoadedMask> load_hiding_mask(const std::filesystem::path& file) {
    LACT_TRY(Image8 mask, load_labels(file));
    bool keeps = false;
    for (std::size_t at = 0; at < mask.pixels.size(); at += static_cast<std::size_t>(mask.channels)) {
        const bool black = range_of_pixel(mask, at).second == 0;
        mask.pixels[at] = black ? 255 : 0;
        keeps = keeps || black;
    }
    if (!keeps) {
        return fail(file.string(), "is nowhere black: it hides the whole photo",
                    "Paint black what is to be kept, or remove the mask.");
    }
    return LoadedMask{std::move(mask), false};
}

/// The mask in a file that marks what is kept, which may hold labels.
Result<LoadedMask> load_keeping_mask(const std::filesystem::path& file) {
    LACT_TRY(Image8 mask, load_image(file));
    // Programs store 0 and 1, or the number of an object: as opacity these would hide nearly everything, and
    // of 16 bits the upper ones say nothing of them. The colour of an object is no opacity, either.
    constexpr std::uint8_t largest_label = 31;
    const bool coloured = is_coloured(mask);
    const bool labels = coloured || brightest(mask) <= largest_label;
    const bool noisy = coloured && sniff_file(file).kind == FileKind::jpeg;
    if (labels && !noisy) {
        LACT_TRY(mask, load_labels(file));
        if (brightest(mask) == 0) {
            return fail(file.string(), "is black all over: it hides the whole photo",
                        "Paint white what is to be kept, or remove the mask.");
        }
    }
    if (labels) {
        keep_what_is_not_black(mask, noisy ? noise : 0);
    }
    return LoadedMask{std::move(mask), labels};
}

/// The mask of a view for its photo, which is stored as `stored` and used as `used`.
Result<LoadedMask> load_mask(const SceneView& view, Size stored, Size used) {
    LACT_TRY(LoadedMask loaded,
             view.mask_hides ? load_hiding_mask(*view.mask) : load_keeping_mask(*view.mask));
    Image8& mask = loaded.image;
    const Size painted{mask.width, mask.height};
    if (view.orientation != 1 && (same_aspect(painted, stored) || !same_aspect(painted, used))) {
        mask = upright(mask, view.orientation);  // Painted over the stored pixels.
    }
    if (used != Size{mask.width, mask.height}) {
        LACT_CHECK(check_aspect(*view.mask, {mask.width, mask.height}, used, "its photo"));
        mask = resize_lanczos(mask, used);
    }
    return loaded;
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

/// A prepared view, or what is wrong with it.
using Prepared = tl::expected<PreparedView, DecodedViews::Failure>;

/// The photo without its mask, and the size it is stored with.
Result<std::pair<Image8, Size>> load_unmasked(const SceneView& view) {
    LACT_TRY(Image8 image, load_image(view.image));
    const Size stored{image.width, image.height};
    if (view.orientation != 1) {
        image = upright(image, view.orientation);
    }
    LACT_CHECK(check_photo(view, {image.width, image.height}));
    return std::pair{std::move(image), stored};
}

/// The pixels of an image from which a crop of it is resampled.
PixelWindow window_of(const CoverCrop& crop, Size source, Size target) {
    const auto side = [](int begin, int count, int resized, int whole) {
        const double step = static_cast<double>(whole) / resized;
        const double reach = lanczos_support * std::max(step, 1.0);
        return std::pair(std::max(0, static_cast<int>(std::floor(begin * step - reach))),
                         std::min(whole, static_cast<int>(std::ceil((begin + count) * step + reach))));
    };
    const auto [left, right] = side(crop.left, target.width, crop.resized.width, source.width);
    const auto [top, bottom] = side(crop.top, target.height, crop.resized.height, source.height);
    return {left, top, right, bottom};
}

/// The fraction of the pixels of a crop that the photo does not show.
float share_outside(const LensCover& cover, const CoverCrop& crop, Size source, Size target) {
    const double step_x = static_cast<double>(source.width) / crop.resized.width;
    const double step_y = static_cast<double>(source.height) / crop.resized.height;
    std::size_t outside = 0;
    for (int y = 0; y < target.height; ++y) {
        for (int x = 0; x < target.width; ++x) {
            outside +=
                cover.in_photo((crop.left + x + 0.5) * step_x, (crop.top + y + 0.5) * step_y, 1) ? 0U : 1U;
        }
    }
    return static_cast<float>(static_cast<double>(outside) / target.width / target.height);
}

/// The view of a photo with its mask as alpha.
PreparedView prepare(const SceneView& view, std::size_t index, Image8 image, Size target) {
    const Size size{image.width, image.height};
    const CoverCrop crop = cover_crop(size, target);
    Camera camera = at_size(view.camera, size);
    PreparedView out;
    if (bends(view.distortion, camera)) {
        const LensCover cover(camera, view.distortion);
        const auto zoom = zoom_inside(cover, window_of(crop, size, target));
        // A zoom that would cut off most of the photo is worse than white corners.
        out.outside_lens = zoom ? 0.0F : share_outside(cover, crop, size, target);
        image = undistort(image, camera, view.distortion, zoom.value_or(1));
        camera.fx *= zoom.value_or(1);
        camera.fy *= zoom.value_or(1);
    }
    const Image8 rgb = compose_over_white(apply(crop, image, target));
    out.index = index;
    out.image = std::make_shared<const ImageF>(to_image_f(rgb));
    out.camera = apply(crop, camera, target);
    out.foreground = foreground_share(rgb);
    out.test = view.test;
    out.outlying = view.outlying;
    return out;
}

Prepared prepare_view(const SceneView& view, std::size_t index, Size target) {
    const auto failed = [&](ViewDefect defect, Error error) {
        return tl::unexpected(DecodedViews::Failure{index, defect, std::move(error)});
    };
    auto photo = load_unmasked(view);
    if (!photo) {
        return failed(ViewDefect::bad_photo, std::move(photo.error()));
    }
    auto& [image, stored] = *photo;
    bool labels = false;
    if (view.mask) {
        const auto mask = load_mask(view, stored, {image.width, image.height});
        if (!mask) {
            return failed(ViewDefect::mask, mask.error());
        }
        image = masked(image, mask->image);
        labels = mask->labels;
    }
    PreparedView prepared = prepare(view, index, std::move(image), target);
    prepared.mask_of_labels = labels;
    return prepared;
}

Result<void> check_request(const SceneFiles& scene, std::span<const std::size_t> indices, Size target) {
    if (target.width <= 0 || target.height <= 0) {
        return fail("size", fmt::format("{}x{} is not the size of an image", target.width, target.height));
    }
    for (const std::size_t index : indices) {
        if (index >= scene.views.size()) {
            return fail(scene.folder.string(), fmt::format("has no view {}: it has {}, counted from 0", index,
                                                           counted(scene.views.size(), "view")));
        }
    }
    const double bytes =
        static_cast<double>(indices.size()) * target.width * target.height * 3 * sizeof(float);
    const double memory =
        static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
    if (memory > 0 && bytes > memory) {
        return fail(scene.folder.string(),
                    fmt::format("{} of {}x{} pixels {} {:.1f} GB, this machine has {:.1f} GB",
                                counted(indices.size(), "view"), target.width, target.height,
                                indices.size() == 1 ? "needs" : "need", bytes / 1e9, memory / 1e9),
                    "Choose fewer views or a smaller size.");
    }
    return {};
}

/// prepare_view() without exceptions, for worker threads. Lack of memory is the error of the outer result: it
/// is no fault of the photo.
Result<Prepared> prepare_view_caught(const SceneView& view, std::size_t index, Size target) {
    try {
        return prepare_view(view, index, target);
    } catch (const std::bad_alloc&) {
        return fail(view.image.string(), "cannot be prepared: out of memory",
                    "Choose fewer views or a smaller size.");
    } catch (const std::exception& error) {
        return Prepared(tl::unexpected(DecodedViews::Failure{
            index, ViewDefect::bad_photo,
            Error{fmt::format("could not be prepared: {}", error.what()), view.image.string(), {}}}));
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

std::vector<SceneRemark> remarks_of(std::span<const PreparedView> views, const SceneFiles& scene) {
    const auto name_of = [&](const PreparedView& view) {
        return printable_line(scene.views[view.index].image.filename().string());
    };
    std::vector<SceneRemark> remarks;
    const auto labels = std::ranges::count(views, true, &PreparedView::mask_of_labels);
    if (labels > 0) {
        const std::string first = name_of(*std::ranges::find(views, true, &PreparedView::mask_of_labels));
        remarks.push_back(
            {RemarkKind::mask, first,
             fmt::format("{} of {} {} a mask of labels, all below an eighth of white or in colours: every "
                         "pixel that is not black is kept. The first is that of {}.",
                         labels, counted(views.size(), "view"), labels == 1 ? "has" : "have", first)});
    }
    const auto outside = std::ranges::count_if(views, [](const auto& view) { return view.outside_lens > 0; });
    if (outside > 0) {
        const PreparedView& worst = *std::ranges::max_element(views, {}, &PreparedView::outside_lens);
        remarks.push_back(
            {RemarkKind::lens, name_of(worst),
             fmt::format("Undistorted, {} of {} {} pixels that the lens does not show, which stay white: up "
                         "to {:.1f} % of the image, in {}.",
                         outside, counted(views.size(), "view"), outside == 1 ? "has" : "have",
                         100 * worst.outside_lens, name_of(worst))});
    }
    return remarks;
}

bool same_aspect(Size a, Size b) {
    return std::abs(static_cast<double>(a.width) / a.height / (static_cast<double>(b.width) / b.height) -
                    1) <= 0.01;
}

Result<Image8> load_photo(const SceneView& view) {
    LACT_TRY(auto photo, load_unmasked(view));
    auto& [image, stored] = photo;
    if (!view.mask) {
        return std::move(image);
    }
    LACT_TRY(const LoadedMask mask, load_mask(view, stored, {image.width, image.height}));
    return masked(image, mask.image);
}

Result<DecodedViews> decode_views(const SceneFiles& scene, std::span<const std::size_t> indices, Size target,
                                  const Job& job) {
    LACT_CHECK(check_request(scene, indices, target));
    std::vector<std::optional<Prepared>> slots(indices.size());
    std::mutex mutex;  // Guards the variables below and calls of job.report.
    std::size_t done = 0;
    std::optional<Error> error;
    std::atomic<bool> failed = false;
    parallel_for(indices.size(), [&](std::size_t i) {
        if (failed || job.stopped()) {
            return;
        }
        Result<Prepared> view = prepare_view_caught(scene.views[indices[i]], indices[i], target);
        const std::scoped_lock lock(mutex);
        if (!view) {
            failed = true;
            error = std::move(view.error());
            return;
        }
        slots[i] = std::move(*view);
        job.progress("photos", static_cast<double>(++done) / static_cast<double>(indices.size()));
    });
    if (error) {
        return tl::unexpected<Error>(std::move(*error));
    }
    if (job.stopped()) {
        return cancelled();
    }
    DecodedViews decoded;
    for (std::optional<Prepared>& slot : slots) {
        if (*slot) {
            decoded.views.push_back(std::move(**slot));
        } else {
            decoded.failures.push_back(std::move(slot->error()));
        }
    }
    return decoded;
}

Result<std::vector<PreparedView>> prepare_views(const SceneFiles& scene, std::span<const std::size_t> indices,
                                                Size target, const Job& job) {
    LACT_TRY(DecodedViews decoded, decode_views(scene, indices, target, job));
    if (!decoded.failures.empty()) {
        return tl::unexpected<Error>(std::move(decoded.failures.front().error));
    }
    return std::move(decoded.views);
}

}  // namespace lact
