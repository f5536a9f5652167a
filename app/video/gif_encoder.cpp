#include "app/video/gif_encoder.h"

#include "app/video/av_support.h"
#include "app/video/gif_comment.h"

#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

namespace lact::app {

Result<FilterGraph> FilterGraph::create(const std::string& description, std::string shown) {
    FilterGraph made(std::move(shown));
    made.graph_.reset(avfilter_graph_alloc());
    if (!made.graph_) {
        return fail(made.shown_, "out of memory");
    }
    // One thread: slices gain nothing at these sizes, and results do not depend on the machine.
    made.graph_->nb_threads = 1;
    int code = avfilter_graph_parse_ptr(made.graph_.get(), description.c_str(), nullptr, nullptr, nullptr);
    if (code >= 0) {
        code = avfilter_graph_config(made.graph_.get(), nullptr);
    }
    made.sink_ = avfilter_graph_get_filter(made.graph_.get(), "buffersink@out");
    if (code < 0 || made.sink_ == nullptr) {
        return fail(made.shown_,
                    fmt::format("the filters of libav do not work: {}",
                                code < 0 ? av_reason(code) : std::string("no sink")),
                    "Install Debian's libavfilter8.");
    }
    return made;
}

Result<void> FilterGraph::push(const char* source, AVFrame* frame) {
    AVFilterContext* context = avfilter_graph_get_filter(graph_.get(), source);
    const int code = context != nullptr
                         ? av_buffersrc_add_frame_flags(context, frame, AV_BUFFERSRC_FLAG_KEEP_REF)
                         : AVERROR(EINVAL);
    if (code < 0) {
        return fail(shown_, fmt::format("libav's filter {} takes no frame: {}", source, av_reason(code)));
    }
    return {};
}

Result<FramePtr> FilterGraph::pull() {
    FramePtr frame(av_frame_alloc());
    const int code = frame ? av_buffersink_get_frame(sink_, frame.get()) : AVERROR(ENOMEM);
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
        return FramePtr();
    }
    if (code < 0) {
        return fail(shown_, "the filters of libav failed: " + av_reason(code));
    }
    return frame;
}

AVRational FilterGraph::time_base() const {
    return av_buffersink_get_time_base(sink_);
}

}  // namespace lact::app

namespace lact::app {

namespace {

std::string frames_source(int width, int height) {
    return fmt::format("buffer@frames=video_size={}x{}:pix_fmt=rgb24:time_base=1/100:pixel_aspect=1/1", width,
                       height);
}

// Palette and dithering were chosen by visual comparison, on recordings of the window.
//
// Statistics over all pixels (`full`). Over changing pixels only (`diff`), moving regions gain a few colours
// at the cost of static ones: white became 254 with speckles and grey text was tinted, while with `full`
// white and the surfaces of the window keep their exact values.
//
// Error diffusion (`sierra2_4a`). Without dithering, and with ordered dithering weak enough to be invisible
// on uniform surfaces (bayer 5, 3), renderings and heat maps show banding; stronger patterns (bayer 1)
// degrade text. Error diffusion keeps colours of the palette unchanged, so text stays sharp. `rectangle`
// restricts it to the changed region: static regions do not flicker, and need not be written again.
constexpr const char* choose = "palettegen=max_colors=256:reserve_transparent=1:stats_mode=full";
constexpr const char* mix = "paletteuse=dither=sierra2_4a:diff_mode=rectangle";

}  // namespace

Result<GifPaletteMaker> GifPaletteMaker::create(int width, int height, const std::string& shown) {
    LACT_TRY(FilterGraph graph,
             FilterGraph::create(fmt::format("{},{},buffersink@out", frames_source(width, height), choose),
                                 shown));
    return GifPaletteMaker(std::move(graph));
}

Result<void> GifPaletteMaker::add(AVFrame& frame) {
    LACT_CHECK(graph_.push("buffer@frames", &frame));
    // The palette comes at the end; pulling makes the filter process the frame now.
    LACT_TRY(const FramePtr early, graph_.pull());
    return early ? Result<void>(fail("palettegen", "gave a palette before the end")) : Result<void>();
}

Result<FramePtr> GifPaletteMaker::palette() {
    LACT_CHECK(graph_.push("buffer@frames", nullptr));
    LACT_TRY(FramePtr palette, graph_.pull());
    if (!palette) {
        return fail("palettegen", "gave no palette");
    }
    return palette;
}

Result<GifPaletteMap> GifPaletteMap::create(int width, int height, AVFrame& palette,
                                            const std::string& shown) {
    const std::string colours =
        fmt::format("buffer@palette=video_size={}x{}:pix_fmt={}:time_base=1/100:pixel_aspect=1/1",
                    palette.width, palette.height, palette.format);
    LACT_TRY(FilterGraph graph,
             FilterGraph::create(fmt::format("{}[frames];{}[palette];[frames][palette]{},buffersink@out",
                                             frames_source(width, height), colours, mix),
                                 shown));
    palette.pts = 0;
    LACT_CHECK(graph.push("buffer@palette", &palette));
    LACT_CHECK(graph.push("buffer@palette", nullptr));
    return GifPaletteMap(std::move(graph));
}

Result<void> GifPaletteMap::push(AVFrame* frame) {
    return graph_.push("buffer@frames", frame);
}

Result<FramePtr> GifPaletteMap::pull() {
    LACT_TRY(FramePtr frame, graph_.pull());
    if (frame) {
        frame->pts = av_rescale_q(frame->pts, graph_.time_base(), {1, 100});
    }
    return frame;
}

Result<std::unique_ptr<GifEncoder>> GifEncoder::open(const std::filesystem::path& file,
                                                     const std::filesystem::path& shown, GifForm form) {
    silence_libav();
    std::unique_ptr<GifEncoder> encoder(  // NOLINT: make_unique cannot reach the private constructor
        new GifEncoder(shown, std::move(form)));
    LACT_CHECK(encoder->open_codec());
    LACT_CHECK(encoder->open_output(file));
    return encoder;
}

/// libav frees its last packet only with the trailer, so a file that is given up gets one, too.
GifEncoder::~GifEncoder() {
    if (needs_trailer_) {
        av_write_trailer(output_.get());
    }
}

Result<void> GifEncoder::open_codec() {
    const AVCodec* gif = avcodec_find_encoder(AV_CODEC_ID_GIF);
    if (gif == nullptr) {
        return fail("libav", "has no GIF encoder", "Install Debian's libavcodec59, or write an MP4.");
    }
    codec_.reset(avcodec_alloc_context3(gif));
    packet_.reset(av_packet_alloc());
    if (!codec_ || !packet_) {
        return fail(shown_.string(), "out of memory");
    }
    codec_->width = form_.width;
    codec_->height = form_.height;
    codec_->pix_fmt = AV_PIX_FMT_PAL8;
    codec_->time_base = {1, 100};
    // Writes only the changed region of a frame (libav's default, offsetting and transparency).
    if (const int code = avcodec_open2(codec_.get(), gif, nullptr); code < 0) {
        return fail(shown_.string(), fmt::format("libav's GIF encoder does not take {} x {} pixels: {}",
                                                 form_.width, form_.height, av_reason(code)));
    }
    return {};
}

Result<void> GifEncoder::open_output(const std::filesystem::path& file) {
    // Names the protocol, as a colon in the path would look like one.
    const std::string url = "file:" + file.string();
    AVFormatContext* output = nullptr;
    int code = avformat_alloc_output_context2(&output, nullptr, "gif", url.c_str());
    output_.reset(output);
    AVStream* stream = code < 0 ? nullptr : avformat_new_stream(output_.get(), nullptr);
    if (stream == nullptr) {
        return fail(shown_.string(), "libav cannot write GIF: " + av_reason(code));
    }
    stream->time_base = codec_->time_base;
    code = avcodec_parameters_from_context(stream->codecpar, codec_.get());
    AvDictionary settings;
    if (code >= 0) {
        code = settings.set("loop", "0");  // without end
    }
    if (code >= 0) {
        code = settings.set("final_delay", std::to_string(form_.last_delay).c_str());
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
    needs_trailer_ = code >= 0;
    return code < 0 ? Result<void>(cannot_write(code)) : Result<void>();
}

Result<void> GifEncoder::encode(const AVFrame& frame) {
    return send(&frame);
}

Result<void> GifEncoder::close() {
    LACT_CHECK(send(nullptr));
    needs_trailer_ = false;
    const int ended = av_write_trailer(output_.get());
    // Reports failed writes of the flushed buffer, too.
    const int closed = avio_closep(&output_->pb);
    const int code = ended < 0 ? ended : closed;
    return code < 0 ? Result<void>(cannot_write(code)) : Result<void>();
}

Result<void> GifEncoder::send(const AVFrame* frame) {
    int code = avcodec_send_frame(codec_.get(), frame);
    while (code >= 0) {
        code = avcodec_receive_packet(codec_.get(), packet_.get());
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
            return {};
        }
        if (code >= 0) {
            if (!commented_ && !form_.comment.empty()) {
                LACT_CHECK(add_comment());
            }
            commented_ = true;
            av_packet_rescale_ts(packet_.get(), codec_->time_base, output_->streams[0]->time_base);
            if (const int written = av_interleaved_write_frame(output_.get(), packet_.get()); written < 0) {
                return cannot_write(written);
            }
        }
    }
    return fail(shown_.string(), "libav's GIF encoder failed: " + av_reason(code));
}

/// Inserts the comment: the muxer of libav writes none, but its first packet begins with the header and the
/// colour table of the file, and the muxer passes on further blocks.
Result<void> GifEncoder::add_comment() {
    // NOLINTNEXTLINE(*-reinterpret-cast): bytes as text
    const std::string_view bytes(reinterpret_cast<const char*>(packet_->data),
                                 static_cast<std::size_t>(packet_->size));
    LACT_TRY(const std::size_t begin, gif_blocks_begin(shown_.string(), bytes));
    std::string all(bytes.substr(0, begin));
    all += gif_comment_block(form_.comment);
    all += bytes.substr(begin);
    PacketPtr packet(av_packet_alloc());
    int code = packet ? av_new_packet(packet.get(), static_cast<int>(all.size())) : AVERROR(ENOMEM);
    if (code >= 0) {
        std::memcpy(packet->data, all.data(), all.size());
        code = av_packet_copy_props(packet.get(), packet_.get());
    }
    if (code < 0) {
        return fail(shown_.string(), "no memory for the comment: " + av_reason(code));
    }
    packet_ = std::move(packet);
    return {};
}

tl::unexpected<Error> GifEncoder::cannot_write(int code) const {
    return fail(shown_.string(), "cannot be written: " + av_reason(code),
                "Free some space or choose another folder.");
}

}  // namespace lact::app
