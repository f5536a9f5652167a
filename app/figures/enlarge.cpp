#include "app/figures/enlarge.h"

#include "app/video/av_support.h"

#include <fmt/format.h>

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

Result<Image8> enlarge(const Image8& rgb, int factor, EnlargeFilter filter) {
    if (factor == 1) {
        return rgb;
    }
    Image8 large{rgb.width * factor, rgb.height * factor, 3, {}};
    large.pixels.resize(static_cast<std::size_t>(large.width) * static_cast<std::size_t>(large.height) * 3);
    const int method = filter == EnlargeFilter::nearest ? SWS_POINT : SWS_BICUBIC | SWS_ACCURATE_RND;
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
}

}  // namespace lact::app
