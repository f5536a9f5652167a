#pragma once

#include "app/video/av_handles.h"
#include "engine/core/error.h"

#include <filesystem>
#include <memory>
#include <string>

namespace lact::app {

/// What a GIF is beside its frames.
struct GifForm {
    int width = 0;
    int height = 0;
    int last_delay = 0;   ///< How long the last frame is shown, in hundredths of a second.
    std::string comment;  ///< Plain ASCII, put before the first frame; empty: none.
};

/// Writes frames that have their palette already into a GIF that plays for ever.
class GifEncoder {
  public:
    /// Creates `file`; errors name it as `shown`, the name that the person gave.
    [[nodiscard]] static Result<std::unique_ptr<GifEncoder>> open(const std::filesystem::path& file,
                                                                  const std::filesystem::path& shown,
                                                                  GifForm form);

    /// A PAL8 frame, its time in hundredths of a second; all frames with one palette.
    [[nodiscard]] Result<void> encode(const AVFrame& frame);
    /// Writes what is still held and closes the file. To be called once.
    [[nodiscard]] Result<void> close();

  private:
    GifEncoder(std::filesystem::path shown, GifForm form)
        : shown_(std::move(shown)), form_(std::move(form)) {}
    [[nodiscard]] Result<void> open_codec();
    [[nodiscard]] Result<void> open_output(const std::filesystem::path& file);
    /// Sends a frame (null: the end) and writes the packets that come out.
    [[nodiscard]] Result<void> send(const AVFrame* frame);
    [[nodiscard]] Result<void> add_comment();
    [[nodiscard]] tl::unexpected<Error> cannot_write(int code) const;

    std::filesystem::path shown_;
    GifForm form_;
    CodecContextPtr codec_;
    OutputContextPtr output_;
    PacketPtr packet_;
    bool commented_ = false;
};

}  // namespace lact::app
