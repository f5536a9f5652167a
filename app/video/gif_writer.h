#pragma once

#include "app/video/frame_sink.h"
#include "app/video/frame_store.h"
#include "app/video/partial_path.h"
#include "engine/core/error.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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
    [[nodiscard]] Result<void> write_video(AVFrame& palette, const Job& job);
    /// When frame `index` is first shown, in hundredths of a second.
    [[nodiscard]] std::int64_t time_of(std::size_t index) const;

    std::filesystem::path file_;
    FrameSinkOptions options_;
    PartialPath part_;
    std::unique_ptr<FrameStore> store_;  ///< Empty once finished or failed.
};

/// A comment extension as it stands in a GIF (GIF89a specification, 24): ASCII in sub-blocks of at most 255
/// bytes.
[[nodiscard]] std::string gif_comment_block(std::string_view text);

/// Whether these bytes begin like a GIF's.
[[nodiscard]] bool is_gif(std::string_view bytes);

/// Bytes before the first block of a GIF: header, logical screen and global colour table. Errors: no GIF,
/// too short. `file` is named in them.
[[nodiscard]] Result<std::size_t> gif_blocks_begin(const std::string& file, std::string_view bytes);

/// The comments that stand before a GIF's first picture. Errors: no GIF; damaged or ended before it.
[[nodiscard]] Result<std::vector<std::string>> gif_comments(const std::string& file, std::string_view bytes);

}  // namespace lact::app
