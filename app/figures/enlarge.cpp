#include "app/figures/enlarge.h"

#include "app/video/av_support.h"

#include <array>
#include <memory>

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
    const std::array<const std::uint8_t*, 1> source = {rgb.pixels.data()};
    const std::array<int, 1> source_stride = {rgb.width * 3};
    const std::array<std::uint8_t*, 1> target = {large.pixels.data()};
    const std::array<int, 1> target_stride = {large.width * 3};
    sws_scale(scaler.get(), source.data(), source_stride.data(), 0, rgb.height, target.data(),
              target_stride.data());
    return large;
}

}  // namespace lact::app
