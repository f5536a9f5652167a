#pragma once

#include "app/platform/partial_path.h"
#include "app/video/frame_sink.h"

namespace lact::app {

/// Frames as numbered images, DIR/00000.png, DIR/00001.png, …
///
/// Where DIR does not exist, the images go to `DIR.part`, which finish() renames to DIR. Where DIR exists, it
/// must be empty or hold only an earlier sequence; the images then go to `DIR/.part` (so DIR keeps its
/// permissions and may be a mount point or the current folder), and finish() replaces the earlier sequence by
/// them. An interrupted run thus keeps the earlier sequence. The remains of a killed run under these names
/// are removed.
class PngSequence final : public FrameSink {
  public:
    [[nodiscard]] static Result<std::unique_ptr<PngSequence>> open(const std::filesystem::path& folder,
                                                                   const FrameSinkOptions& options);

    [[nodiscard]] Result<void> write(const Image8& rgb) override;
    [[nodiscard]] Result<void> finish(const Job& job) override;
    [[nodiscard]] std::string encoder_name() const override { return "png"; }

  private:
    PngSequence(std::filesystem::path folder, std::filesystem::path staging, bool in_place,
                FrameSinkOptions options);
    [[nodiscard]] Result<void> write_frame(const Image8& rgb);
    [[nodiscard]] Result<void> replace_earlier_sequence();

    std::filesystem::path folder_;
    PartialPath staging_;
    bool in_place_;  ///< The folder existed: finish() moves the images into it one by one.
    FrameSinkOptions options_;
    int frames_ = 0;
    bool closed_ = false;  ///< Finished or failed.
};

}  // namespace lact::app
