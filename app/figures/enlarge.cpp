#include "app/figures/enlarge.h"

#include <algorithm>

#include <fmt/format.h>

#ifdef LACT_HAS_VIDEO
#include "app/video/av_support.h"
#endif

namespace lact::app {

Result<EnlargeFilter> parse_enlarge_filter(std::string_view text) {
    if (text == "nearest") {
        return EnlargeFilter::nearest;
    }
    if (text == "bicubic") {
        return EnlargeFilter::bicubic;
    }
    return fail("filter", fmt::format("'{}' is not known", text), "Filters are nearest and bicubic.");
}

namespace {

/// Every pixel `factor` x `factor` times.
void repeat_pixels(const Image8& rgb, std::size_t factor, Image8& large) {
    const std::size_t row = 3 * static_cast<std::size_t>(rgb.width);
    auto to = large.pixels.begin();
    for (int y = 0; y < rgb.height; ++y) {
        const auto line = to;
        for (std::size_t x = 0; x < row; x += 3) {
            const auto pixel =
                rgb.pixels.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(y) * row + x);
            for (std::size_t i = 0; i < factor; ++i) {
                to = std::copy(pixel, pixel + 3, to);
            }
        }
        const auto end = to;
        for (std::size_t i = 1; i < factor; ++i) {
            to = std::copy(line, end, to);
        }
    }
}

}  // namespace

Result<Image8> enlarge(const Image8& rgb, int factor, EnlargeFilter filter) {
    if (factor == 1) {
        return rgb;
    }
    Image8 large{rgb.width * factor, rgb.height * factor, 3, {}};
    large.pixels.resize(static_cast<std::size_t>(large.width) * static_cast<std::size_t>(large.height) * 3);
    if (filter == EnlargeFilter::nearest) {
        repeat_pixels(rgb, static_cast<std::size_t>(factor), large);
        return large;
    }
#ifndef LACT_HAS_VIDEO
    return fail("filter", "bicubic needs a build with libav (LACT_VIDEO)", "Use the filter nearest.");
#else
    const int method = SWS_BICUBIC | SWS_ACCURATE_RND;
    const SwsContextPtr scaler(sws_getContext(rgb.width, rgb.height, AV_PIX_FMT_RGB24, large.width,
                                              large.height, AV_PIX_FMT_RGB24, method, nullptr, nullptr,
                                              nullptr));
    if (!scaler) {
        return fail("image", fmt::format("cannot be enlarged from {}x{} to {}x{}", rgb.width, rgb.height,
                                         large.width, large.height));
    }
    LACT_TRY(const FramePtr source, rgb_frame(rgb));
    LACT_TRY(const FramePtr target, rgb_frame(large.width, large.height));
    sws_scale(scaler.get(), source->data, source->linesize, 0, rgb.height, target->data, target->linesize);
    const int row = 3 * large.width;
    av_image_copy_plane(large.pixels.data(), row, target->data[0], target->linesize[0], row, large.height);
    return large;
#endif
}

}  // namespace lact::app
