#include "app/video/gif_encoder.h"

#include "app/video/gif_comment.h"
#include "app/video/quiet_libav.h"

#include <cstring>
#include <string_view>

#include <fmt/format.h>

namespace lact::app {

Result<std::unique_ptr<GifEncoder>> GifEncoder::open(const std::filesystem::path& file,
                                                     const std::filesystem::path& shown, GifForm form) {
    quieten_libav();
    std::unique_ptr<GifEncoder> encoder(  // NOLINT: make_unique cannot reach the private constructor
        new GifEncoder(shown, std::move(form)));
    LACT_CHECK(encoder->open_codec());
    LACT_CHECK(encoder->open_output(file));
    return encoder;
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
    // Only what changed of a frame is written (libav's default, offsetting and transparency).
    if (const int code = avcodec_open2(codec_.get(), gif, nullptr); code < 0) {
        return fail(shown_.string(), fmt::format("libav's GIF encoder does not take {} x {} pixels: {}",
                                                 form_.width, form_.height, av_reason(code)));
    }
    return {};
}

Result<void> GifEncoder::open_output(const std::filesystem::path& file) {
    // The protocol is named because a colon in the path would be taken for one.
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
        code = settings.set("loop", "0");  // for ever
    }
    if (code >= 0) {
        code = settings.set("final_delay", std::to_string(form_.last_delay).c_str());
    }
    if (code < 0) {
        return fail(shown_.string(), "libav cannot describe the film: " + av_reason(code));
    }
    code = avio_open(&output_->pb, url.c_str(), AVIO_FLAG_WRITE);
    if (code < 0) {
        return fail(shown_.string(), "cannot be created: " + av_reason(code),
                    "Choose a folder that exists and can be written to.");
    }
    code = avformat_write_header(output_.get(), settings.get());
    return code < 0 ? Result<void>(cannot_write(code)) : Result<void>();
}

Result<void> GifEncoder::encode(const AVFrame& frame) {
    return send(&frame);
}

Result<void> GifEncoder::close() {
    LACT_CHECK(send(nullptr));
    const int ended = av_write_trailer(output_.get());
    // Also tells of writes that failed while the buffer was flushed.
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

/// libav's muxer writes no comments; but its first packet begins with the file's header and colours, and the
/// muxer passes on what blocks come after them.
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
        return fail(shown_.string(), "no memory for the film's comment: " + av_reason(code));
    }
    packet_ = std::move(packet);
    return {};
}

tl::unexpected<Error> GifEncoder::cannot_write(int code) const {
    return fail(shown_.string(), "cannot be written: " + av_reason(code),
                "Free some space or choose another folder.");
}

}  // namespace lact::app
