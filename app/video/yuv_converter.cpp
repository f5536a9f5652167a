#include "app/video/yuv_converter.h"

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

extern "C" {
#include <libavutil/opt.h>
}

namespace lact::app {
namespace {

/// Libswscale's options by name, so that one that it does not know is noticed.
int set_options(SwsContext* context, int width, int height) {
    // Without the two "full" flags swscale averages chroma of neighbouring pixels instead of filtering it.
    constexpr int flags =
        SWS_BICUBIC | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT | SWS_ACCURATE_RND | SWS_BITEXACT;
    const std::array<std::pair<const char*, std::int64_t>, 9> options{{{"srcw", width},
                                                                       {"srch", height},
                                                                       {"dstw", width},
                                                                       {"dsth", height},
                                                                       {"src_format", AV_PIX_FMT_RGB24},
                                                                       {"dst_format", AV_PIX_FMT_YUV420P},
                                                                       {"sws_flags", flags},
                                                                       {"dst_h_chr_pos", 0},
                                                                       {"dst_v_chr_pos", 128}}};
    for (const auto& [name, value] : options) {
        if (const int code = av_opt_set_int(context, name, value, 0); code < 0) {
            return code;
        }
    }
    return 0;
}

}  // namespace

Result<YuvConverter> YuvConverter::create(int width, int height) {
    SwsContextPtr context(sws_alloc_context());
    if (!context) {
        return fail("colour conversion", "out of memory");
    }
    if (const int code = set_options(context.get(), width, height); code < 0) {
        return fail("colour conversion", "libswscale refused its options: " + av_reason(code));
    }
    constexpr int full_range = 1;
    constexpr int limited_range = 0;
    constexpr int unchanged = 1 << 16;  // contrast and saturation, 16.16 fixed point
    const int* bt709 = sws_getCoefficients(SWS_CS_ITU709);
    // Before sws_init_context, which chooses its routines by these.
    const int details = sws_setColorspaceDetails(context.get(), bt709, full_range, bt709, limited_range, 0,
                                                 unchanged, unchanged);
    const int code = details < 0 ? details : sws_init_context(context.get(), nullptr, nullptr);
    if (code < 0) {
        return fail("colour conversion", fmt::format("libswscale cannot convert {} x {} pixels to BT.709: {}",
                                                     width, height, av_reason(code)));
    }
    return YuvConverter(std::move(context));
}

Result<void> YuvConverter::convert(const Image8& rgb, AVFrame& yuv) const {
    const std::array<const std::uint8_t*, 1> source{rgb.pixels.data()};
    const std::array<int, 1> stride{3 * rgb.width};
    const int rows =
        sws_scale(context_.get(), source.data(), stride.data(), 0, rgb.height, yuv.data, yuv.linesize);
    if (rows != rgb.height) {
        return fail("colour conversion",
                    rows < 0 ? av_reason(rows) : fmt::format("stopped after {} rows", rows));
    }
    return {};
}

}  // namespace lact::app
