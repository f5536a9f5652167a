#pragma once

#include "app/video/av_support.h"
#include "app/video/frame_sink.h"
#include "engine/core/error.h"
#include "engine/scene/image.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace lact::app {

/// Converts RGB images to planar YUV 4:2:0, BT.709, limited range (Y 16 … 235, U and V 16 … 240). Chroma
/// samples lie at the left column of each 2 x 2 block, between its rows (ITU-T H.273 chroma location 0, the
/// default of H.264).
class YuvConverter {
  public:
    /// For images of one size, with even width and height.
    [[nodiscard]] static Result<YuvConverter> create(int width, int height);

    /// Fills a YUV420P frame of the same size.
    [[nodiscard]] Result<void> convert(const Image8& rgb, AVFrame& yuv) const;

  private:
    explicit YuvConverter(SwsContextPtr context) : context_(std::move(context)) {}
    SwsContextPtr context_;
};

/// Encodes frames to an MP4 file in the calling thread: H.264, YUV 4:2:0, tagged BT.709 limited range, frame
/// i at exactly i / fps seconds, the index before the frames (faststart), provenance as JSON in `comment`.
///
/// The encoder is libx264 where libav has it, else another H.264 encoder that opens, else MPEG-4 part 2;
/// name() returns it.
class Mp4Encoder {
  public:
    /// Creates `file`; errors name it as `shown`, the name the user gave.
    [[nodiscard]] static Result<std::unique_ptr<Mp4Encoder>> open(const std::filesystem::path& file,
                                                                  const std::filesystem::path& shown,
                                                                  const FrameSinkOptions& options);

    [[nodiscard]] Result<void> encode(const Image8& rgb);
    /// Writes the remaining packets and the index, and closes the file. Call once.
    [[nodiscard]] Result<void> close();
    [[nodiscard]] std::string name() const { return codec_->codec->name; }

  private:
    Mp4Encoder(std::filesystem::path shown, CodecContextPtr codec, YuvConverter converter);
    [[nodiscard]] Result<void> open_output(const std::filesystem::path& file,
                                           const FrameSinkOptions& options);
    [[nodiscard]] Result<void> make_buffers();
    /// Sends a frame (null: the end) and writes the resulting packets.
    [[nodiscard]] Result<void> send(const AVFrame* frame);
    [[nodiscard]] Result<void> write_packet();
    [[nodiscard]] tl::unexpected<Error> cannot_write(int code) const;

    std::filesystem::path shown_;
    CodecContextPtr codec_;
    YuvConverter converter_;
    OutputContextPtr output_;
    AVStream* stream_ = nullptr;  ///< Owned by output_.
    FramePtr frame_;
    PacketPtr packet_;
    std::int64_t frames_ = 0;
};

}  // namespace lact::app
