#pragma once

#include "app/video/frame_sink.h"
#include "engine/core/output_path.h"

namespace lact::app {

/// Frames as numbered images, DIR/00000.png, DIR/00001.png, …
///
/// DIR must be new or empty: frames of an earlier video, or any other file, are never removed or mixed with
/// new ones. The images go to a temporary folder (OutputFolder), beside a new DIR, which finish() renames to
/// DIR, or within an empty one (so that DIR keeps its permissions and may be a mount point or the current
/// folder), from which finish() moves them; after an error it moves them back.
class PngSequence final : public FrameSink {
  public:
    /// Errors: DIR is a file, or not empty.
    [[nodiscard]] static Result<std::unique_ptr<PngSequence>> open(const std::filesystem::path& folder,
                                                                   const FrameSinkOptions& options);

    [[nodiscard]] Result<void> write(const Image8& rgb) override;
    [[nodiscard]] Result<void> finish(const Job& job) override;
    [[nodiscard]] std::string encoder_name() const override { return "png"; }

  private:
    PngSequence(std::filesystem::path folder, OutputFolder staging, bool in_place, FrameSinkOptions options);
    [[nodiscard]] Result<void> write_frame(const Image8& rgb);
    [[nodiscard]] Result<void> move_into_folder();
    void take_back(int count);

    std::filesystem::path folder_;
    OutputFolder staging_;
    bool in_place_;  ///< The folder existed: finish() moves the images into it one by one.
    FrameSinkOptions options_;
    int frames_ = 0;
    bool closed_ = false;  ///< Finished or failed.
};

/// Error: a folder for numbered images cannot be made at `folder`: a file is there, or a folder that is not
/// empty.
[[nodiscard]] Result<void> check_image_folder(const std::filesystem::path& folder);

}  // namespace lact::app
