#pragma once

#include "app/video/frame_sink.h"
#include "app/video/frame_store.h"
#include "app/video/partial_path.h"

#include <cstdint>
#include <memory>

namespace lact::app {

/// A film as an animated GIF that plays for ever, frame i shown from round(100 i / fps) hundredths of a
/// second on: the format's unit, without drift.
///
/// A GIF has 256 colours and the best ones are known only when all frames are: frames wait in a file without
/// a name beside the output (FrameStore: lossless, so some megabytes a second of film) and are read twice by
/// finish(), which therefore takes long, tells how far it is and can be stopped. The film grows as
/// `NAME.part` and gets its name at the end; an older film of that name stays until then.
class GifWriter final : public FrameSink {
  public:
    /// Refuses more than 50 frames a second: of shorter times players make a tenth of a second.
    [[nodiscard]] static Result<std::unique_ptr<GifWriter>> open(const std::filesystem::path& file,
                                                                 const FrameSinkOptions& options);

    [[nodiscard]] Result<void> write(const Image8& rgb) override;
    [[nodiscard]] Result<void> finish(const Job& job) override;
    [[nodiscard]] std::string encoder_name() const override { return "gif"; }

  private:
    GifWriter(std::filesystem::path file, FrameSinkOptions options);
    [[nodiscard]] Result<FramePtr> choose_palette(const Job& job);
    [[nodiscard]] Result<void> write_film(AVFrame& palette, const Job& job);
    /// When frame `index` is first shown, in hundredths of a second.
    [[nodiscard]] std::int64_t time_of(std::size_t index) const;

    std::filesystem::path file_;
    FrameSinkOptions options_;
    PartialPath part_;
    std::unique_ptr<FrameStore> store_;  ///< Empty once finished or failed.
};

}  // namespace lact::app
