#include "app/video/mp4_encoder.h"

#include "app/video/av_support.h"
#include "app/video/provenance.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
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

/// The encoders in order of preference.
std::vector<const AVCodec*> encoder_candidates(const std::string& requested) {
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
        // The quantizer ranges from 1 to 31; half of the factor of x264 gives about the same quality up to
        // the middle of the range.
        context.flags |= AV_CODEC_FLAG_QSCALE;
        context.global_quality = FF_QP2LAMBDA * std::clamp(quality / 2, 1, 31);
        return;
    }
    // The other encoders share no constant-quality control: about 8 bits per pixel at factor 0, half of that
    // for every 6.
    const double bits =
        std::exp2(-quality / 6.0) * 8.0 * context.width * context.height * av_q2d(context.framerate);
    context.bit_rate = std::max<std::int64_t>(static_cast<std::int64_t>(bits), 100'000);
}

CodecContextPtr configure_codec(const AVCodec& codec, const FrameSinkOptions& options) {
    CodecContextPtr context(avcodec_alloc_context3(&codec));
    if (!context) {
        return context;
    }
    context->width = options.width;
    context->height = options.height;
    context->pix_fmt = AV_PIX_FMT_YUV420P;
    context->sample_aspect_ratio = {1, 1};
    // 65535: the largest denominator of MPEG-4 part 2; sufficient for 30000/1001.
    context->framerate = av_d2q(options.fps, 65535);
    context->time_base = av_inv_q(context->framerate);
    context->color_range = AVCOL_RANGE_MPEG;
    context->color_primaries = AVCOL_PRI_BT709;
    context->color_trc = AVCOL_TRC_BT709;
    context->colorspace = AVCOL_SPC_BT709;
    context->chroma_sample_location = AVCHROMA_LOC_LEFT;
    // A key frame every second, for scrubbing.
    context->gop_size = std::max(1, static_cast<int>(std::lround(options.fps)));
    context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    // Leaves the cores to the model; small frames gain nothing from many encoder threads.
    context->thread_count = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 4U));
    set_quality(*context, codec, options.quality);
    return context;
}

/// Opens the best encoder: the requested one; else libx264, another H.264 encoder that takes YUV 4:2:0 and
/// opens on this machine, or MPEG-4 part 2. The time base is one frame. Errors name the encoders tried, with
/// the reason of libav.
Result<CodecContextPtr> open_video_codec(const FrameSinkOptions& options) {
    std::string tried;
    for (const AVCodec* codec : encoder_candidates(options.encoder)) {
        CodecContextPtr context = configure_codec(*codec, options);
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
                    "Install libavcodec with libx264 (Debian: libavcodec59), or write numbered images to a "
                    "folder.");
    }
    return fail("video encoder",
                fmt::format("none takes {} x {} pixels at {} frames per second ({})", options.width,
                            options.height, options.fps, tried),
                "Try another size, or write numbered images to a folder.");
}

/// Sets the options of libswscale by name, so that an unknown one is an error.
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
    // Before sws_init_context(), which selects its routines by these.
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
    LACT_TRY(const FramePtr source, rgb_frame(rgb));
    const int rows =
        sws_scale(context_.get(), source->data, source->linesize, 0, rgb.height, yuv.data, yuv.linesize);
    if (rows != rgb.height) {
        return fail("colour conversion",
                    rows < 0 ? av_reason(rows) : fmt::format("stopped after {} rows", rows));
    }
    return {};
}

}  // namespace lact::app

namespace lact::app {

Mp4Encoder::Mp4Encoder(std::filesystem::path shown, CodecContextPtr codec, YuvConverter converter)
    : shown_(std::move(shown)), codec_(std::move(codec)), converter_(std::move(converter)) {}

Result<std::unique_ptr<Mp4Encoder>> Mp4Encoder::open(const std::filesystem::path& file,
                                                     const std::filesystem::path& shown,
                                                     const FrameSinkOptions& options) {
    silence_libav();
    LACT_TRY(YuvConverter converter, YuvConverter::create(options.width, options.height));
    LACT_TRY(CodecContextPtr codec, open_video_codec(options));
    std::unique_ptr<Mp4Encoder> encoder(  // NOLINT: make_unique cannot reach the private constructor
        new Mp4Encoder(shown, std::move(codec), std::move(converter)));
    LACT_CHECK(encoder->make_buffers());
    LACT_CHECK(encoder->open_output(file, options));
    return encoder;
}

Result<void> Mp4Encoder::make_buffers() {
    frame_.reset(av_frame_alloc());
    packet_.reset(av_packet_alloc());
    if (!frame_ || !packet_) {
        return fail(shown_.string(), "out of memory");
    }
    frame_->width = codec_->width;
    frame_->height = codec_->height;
    frame_->format = codec_->pix_fmt;
    frame_->color_range = codec_->color_range;
    frame_->color_primaries = codec_->color_primaries;
    frame_->color_trc = codec_->color_trc;
    frame_->colorspace = codec_->colorspace;
    frame_->chroma_location = codec_->chroma_sample_location;
    if (const int code = av_frame_get_buffer(frame_.get(), 0); code < 0) {
        return fail(shown_.string(), "no memory for a frame: " + av_reason(code));
    }
    return {};
}

Result<void> Mp4Encoder::open_output(const std::filesystem::path& file, const FrameSinkOptions& options) {
    // Names the protocol, as a colon in the path would look like one.
    const std::string url = "file:" + file.string();
    AVFormatContext* output = nullptr;
    int code = avformat_alloc_output_context2(&output, nullptr, "mp4", url.c_str());
    output_.reset(output);
    if (code < 0) {
        return fail(shown_.string(), "libav cannot write MP4: " + av_reason(code));
    }
    stream_ = avformat_new_stream(output_.get(), nullptr);
    if (stream_ == nullptr) {
        return fail(shown_.string(), "out of memory");
    }
    stream_->time_base = codec_->time_base;
    stream_->avg_frame_rate = codec_->framerate;
    code = avcodec_parameters_from_context(stream_->codecpar, codec_.get());
    if (code >= 0 && !options.provenance.empty()) {
        code = av_dict_set(&output_->metadata, "comment", provenance_json(options).c_str(), 0);
    }
    AvDictionary settings;
    if (code >= 0) {
        code = settings.set("movflags", "+faststart");
    }
    if (code < 0) {
        return fail(shown_.string(), "libav cannot describe the video: " + av_reason(code));
    }
    code = avio_open(&output_->pb, url.c_str(), AVIO_FLAG_WRITE);
    if (code < 0) {
        return fail(shown_.string(), "cannot be created: " + av_reason(code),
                    "Choose a folder that exists and can be written to.");
    }
    code = avformat_write_header(output_.get(), settings.get());
    return code < 0 ? Result<void>(cannot_write(code)) : Result<void>();
}

Result<void> Mp4Encoder::encode(const Image8& rgb) {
    // The encoder may still reference the previous frame.
    if (const int code = av_frame_make_writable(frame_.get()); code < 0) {
        return fail(shown_.string(), "no memory for a frame: " + av_reason(code));
    }
    LACT_CHECK(converter_.convert(rgb, *frame_));
    frame_->pts = frames_++;
    return send(frame_.get());
}

Result<void> Mp4Encoder::close() {
    LACT_CHECK(send(nullptr));
    const int ended = av_write_trailer(output_.get());
    // Reports failed writes of the flushed buffer, too.
    const int closed = avio_closep(&output_->pb);
    const int code = ended < 0 ? ended : closed;
    return code < 0 ? Result<void>(cannot_write(code)) : Result<void>();
}

Result<void> Mp4Encoder::send(const AVFrame* frame) {
    int code = avcodec_send_frame(codec_.get(), frame);
    while (code >= 0) {
        code = avcodec_receive_packet(codec_.get(), packet_.get());
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
            return {};
        }
        if (code >= 0) {
            LACT_CHECK(write_packet());
        }
    }
    return fail(shown_.string(),
                fmt::format("{} failed at frame {}: {}", name(), frames_ - 1, av_reason(code)));
}

Result<void> Mp4Encoder::write_packet() {
    // Encoders may omit the duration, and no later frame bounds that of the last one.
    packet_->duration = 1;
    packet_->stream_index = stream_->index;
    av_packet_rescale_ts(packet_.get(), codec_->time_base, stream_->time_base);
    const int code = av_interleaved_write_frame(output_.get(), packet_.get());
    return code < 0 ? Result<void>(cannot_write(code)) : Result<void>();
}

tl::unexpected<Error> Mp4Encoder::cannot_write(int code) const {
    return fail(shown_.string(), "cannot be written: " + av_reason(code),
                "Free some space or choose another folder.");
}

}  // namespace lact::app
