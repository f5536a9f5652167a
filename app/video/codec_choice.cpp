#include "app/video/codec_choice.h"

#include "app/video/av_support.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace lact::app {
namespace {

bool takes_yuv420p(const AVCodec& codec) {
    for (const AVPixelFormat* format = codec.pix_fmts; format != nullptr && *format != AV_PIX_FMT_NONE;
         ++format) {
        if (*format == AV_PIX_FMT_YUV420P) {
            return true;
        }
    }
    return false;
}

/// Encoders in the order in which to try them.
std::vector<const AVCodec*> candidates(const std::string& requested) {
    std::vector<const AVCodec*> found;
    const auto add = [&found](const AVCodec* codec) {
        if (codec != nullptr && takes_yuv420p(*codec) &&
            std::find(found.begin(), found.end(), codec) == found.end()) {
            found.push_back(codec);
        }
    };
    if (!requested.empty()) {
        add(avcodec_find_encoder_by_name(requested.c_str()));
        return found;
    }
    add(avcodec_find_encoder_by_name("libx264"));
    void* position = nullptr;
    while (const AVCodec* codec = av_codec_iterate(&position)) {
        if (av_codec_is_encoder(codec) != 0 && codec->id == AV_CODEC_ID_H264) {
            add(codec);
        }
    }
    add(avcodec_find_encoder(AV_CODEC_ID_MPEG4));
    return found;
}

void set_quality(AVCodecContext& context, const AVCodec& codec, int quality) {
    const std::string_view name = codec.name;
    if (name == "libx264") {
        av_opt_set_double(context.priv_data, "crf", quality, 0);
        av_opt_set(context.priv_data, "preset", "medium", 0);
        return;
    }
    if (codec.id == AV_CODEC_ID_MPEG4) {
        // Its quantiser runs from 1 to 31; half of x264's factor looks about the same up to the middle.
        context.flags |= AV_CODEC_FLAG_QSCALE;
        context.global_quality = FF_QP2LAMBDA * std::clamp(quality / 2, 1, 31);
        return;
    }
    // The others have no common constant-quality control: about one bit a pixel at factor 0, half of it
    // every 6.
    const double bits =
        std::exp2(-quality / 6.0) * 8.0 * context.width * context.height * av_q2d(context.framerate);
    context.bit_rate = std::max<std::int64_t>(static_cast<std::int64_t>(bits), 100'000);
}

CodecContextPtr configure(const AVCodec& codec, const FrameSinkOptions& options) {
    CodecContextPtr context(avcodec_alloc_context3(&codec));
    if (!context) {
        return context;
    }
    context->width = options.width;
    context->height = options.height;
    context->pix_fmt = AV_PIX_FMT_YUV420P;
    context->sample_aspect_ratio = {1, 1};
    // 65535 is the largest denominator MPEG-4 part 2 can store, and enough for 30000/1001.
    context->framerate = av_d2q(options.fps, 65535);
    context->time_base = av_inv_q(context->framerate);
    context->color_range = AVCOL_RANGE_MPEG;
    context->color_primaries = AVCOL_PRI_BT709;
    context->color_trc = AVCOL_TRC_BT709;
    context->colorspace = AVCOL_SPC_BT709;
    context->chroma_sample_location = AVCHROMA_LOC_LEFT;
    // A frame to jump to every second: films of camera paths are looked at by scrubbing.
    context->gop_size = std::max(1, static_cast<int>(std::lround(options.fps)));
    context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    // The model has the cores to itself; small frames gain nothing from many encoder threads.
    context->thread_count = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 4U));
    set_quality(*context, codec, options.quality);
    return context;
}

}  // namespace

Result<CodecContextPtr> open_video_codec(const FrameSinkOptions& options) {
    std::string tried;
    for (const AVCodec* codec : candidates(options.encoder)) {
        CodecContextPtr context = configure(*codec, options);
        const int code = context ? avcodec_open2(context.get(), codec, nullptr) : AVERROR(ENOMEM);
        if (code >= 0) {
            return context;
        }
        tried += fmt::format("{}{}: {}", tried.empty() ? "" : "; ", codec->name, av_reason(code));
    }
    if (tried.empty()) {
        return fail("video encoder",
                    options.encoder.empty()
                        ? std::string("libav has neither an H.264 nor an MPEG-4 encoder")
                        : fmt::format("libav has no encoder '{}' for YUV 4:2:0", options.encoder),
                    "Install libavcodec with libx264 (Debian: libavcodec59), or write numbered pictures to a "
                    "folder.");
    }
    return fail("video encoder",
                fmt::format("none takes {} x {} pixels at {} frames a second ({})", options.width,
                            options.height, options.fps, tried),
                "Try another size, or write numbered pictures to a folder.");
}

}  // namespace lact::app
