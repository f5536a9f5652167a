#pragma once

#include "engine/core/error.h"
#include "engine/scene/image.h"

#include <filesystem>
#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/error.h>
#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

namespace lact::app {

/// Frees an object of libav.
struct AvDeleter {
    void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
    void operator()(SwsContext* context) const { sws_freeContext(context); }
    /// Of an output; closes its file.
    void operator()(AVFormatContext* context) const {
        if (context != nullptr && context->pb != nullptr) {
            avio_closep(&context->pb);
        }
        avformat_free_context(context);
    }
};

using CodecContextPtr = std::unique_ptr<AVCodecContext, AvDeleter>;
using FramePtr = std::unique_ptr<AVFrame, AvDeleter>;
using PacketPtr = std::unique_ptr<AVPacket, AvDeleter>;
using SwsContextPtr = std::unique_ptr<SwsContext, AvDeleter>;
using OutputContextPtr = std::unique_ptr<AVFormatContext, AvDeleter>;

/// Closes an input with its file.
struct CloseAvInput {
    void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
using InputContextPtr = std::unique_ptr<AVFormatContext, CloseAvInput>;

/// A frame for pixels in RGB. Its buffer extends beyond the last pixel, as routines of libswscale read and
/// write whole vectors, over the end of a row. What libswscale works on is never the memory of an Image8.
[[nodiscard]] Result<FramePtr> rgb_frame(int width, int height);
/// The same with the pixels of an image.
[[nodiscard]] Result<FramePtr> rgb_frame(const Image8& rgb);

/// Options of a container or codec.
class AvDictionary {
  public:
    AvDictionary() = default;
    AvDictionary(const AvDictionary&) = delete;
    AvDictionary& operator=(const AvDictionary&) = delete;
    ~AvDictionary() { av_dict_free(&entries_); }
    int set(const char* key, const char* value) { return av_dict_set(&entries_, key, value, 0); }
    AVDictionary** get() { return &entries_; }

  private:
    AVDictionary* entries_ = nullptr;
};

/// Error text of libav or the system for a negative return value.
[[nodiscard]] std::string av_reason(int code);

/// Opens an MP4 file, the only video that is read. The format is fixed and no other file is opened: libav
/// would otherwise take a playlist (HLS, concat) named .mp4 for a video and open what it lists. Errors: not a
/// regular file, another format, named for what it is.
[[nodiscard]] Result<InputContextPtr> open_mp4(const std::filesystem::path& path);

/// Keeps libav from writing to stderr, across the progress bar; its errors arrive as return values.
void silence_libav();

}  // namespace lact::app
