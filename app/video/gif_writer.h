#pragma once

#include "app/video/frame_sink.h"
#include "app/video/frame_store.h"
#include "engine/core/error.h"

#include <cstdint>
#include <memory>
#include <string>

namespace lact::app {

/// A video as an animated GIF that loops. Frame i begins at round(100 i / fps) hundredths of a second, the
/// unit of the format, so that rounding does not accumulate.
///
/// A GIF has 256 colours, chosen from all frames: frames are stored in an unnamed file beside the output
///  (FrameStore; lossless, some megabytes per second of video) and read twice by finish(), which
/// reports progress and can be stopped. The video is written under a temporary name (OutputFile) and
/// renamed at the end; an older file of that name stays until then.
class GifWriter final : public FrameSink {
  public:
    /// Errors: more than 50 frames per second, which players slow down to 10.
    [[nodiscard]] static Result<std::unique_ptr<GifWriter>> open(const std::filesystem::path& file,
                                                                 const FrameSinkOptions& options);

    [[nodiscard]] Result<void> write(const Image8& rgb) override;
    [[nodiscard]] Result<void> finish(const Job& job) override;
    [[nodiscard]] std::string encoder_name() const override { return "gif"; }

  private:
    GifWriter(std::filesystem::path file, FrameSinkOptions options);
    [[nodiscard]] Result<void> complete(const Job& job);
    [[nodiscard]] Result<FramePtr> choose_palette(const Job& job);
    [[nodiscard]] Result<void> write_video(AVFrame& palette, const std::filesystem::path& path,
                                           const Job& job);
    /// Begin of frame `index`, in hundredths of a second.
    [[nodiscard]] std::int64_t time_of(std::size_t index) const;

    std::filesystem::path file_;
    FrameSinkOptions options_;
    std::unique_ptr<FrameStore> store_;  ///< Empty once finished or failed.
};

}  // namespace lact::app
