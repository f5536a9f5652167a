#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/scene/image.h"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lact::app {

/// What to do in a build without libav (LACT_VIDEO is off), which writes numbered PNGs alone.
inline constexpr const char* without_video_hint =
    "Name a folder for numbered PNGs, or use a build with LACT_VIDEO.";

/// Size, rate and quality of the frames to write.
struct FrameSinkOptions {
    int width = 0;    ///< Of every frame, in pixels. Even for MP4.
    int height = 0;   ///< Likewise.
    double fps = 30;  ///< Frames per second, from 0.01 to 1000 (GIF: to 50); unused for images.
    /// MP4: constant rate factor of x264, 0 (best) to 51 (worst). Not even 0 is lossless: colours have half
    /// of the resolution (4:2:0). Unused for GIF, limited by its 256 colours, and for images, which are
    /// lossless.
    int quality = 18;
    std::string encoder;  ///< MP4: libav's name of the encoder; empty: the best one available.
    /// Origin of the frames: one JSON object in the MP4's `comment` or the GIF's comment extension,
    /// tEXt chunks in every PNG. PNG requires keys of 1 to 79 Latin-1 characters.
    std::vector<std::pair<std::string, std::string>> provenance;
};

/// Writes the frames of a video one by one. Nothing appears under the final name before finish() has
/// succeeded; a sink that is destroyed before removes what it wrote. Not thread-safe.
class FrameSink {
  public:
    FrameSink() = default;
    FrameSink(const FrameSink&) = delete;
    FrameSink& operator=(const FrameSink&) = delete;
    virtual ~FrameSink() = default;

    /// Appends a frame: three channels, of the size in the options. May block while earlier frames are being
    /// encoded; an error may be that of an earlier frame. After an error every further call fails.
    [[nodiscard]] virtual Result<void> write(const Image8& rgb) = 0;
    /// Completes the file or folder and gives it its final name. Where that takes long (GIF), it reports
    /// progress to the job. Errors: no frame was written; cancelled.
    [[nodiscard]] virtual Result<void> finish(const Job& job) = 0;
    [[nodiscard]] Result<void> finish() { return finish(Job{}); }
    /// The encoder, for messages: libav's name of it (`libx264`, …), `gif` or `png`.
    [[nodiscard]] virtual std::string encoder_name() const = 0;
};

/// Opens the sink for a path: `.mp4` opens an Mp4Writer, `.gif` a GifWriter; an existing folder, a name that
/// ends in `/` or one without an extension opens a PngSequence. Errors: another extension, or a video in a
/// build without LACT_VIDEO; invalid options, so that they are found before the first frame is rendered.
[[nodiscard]] Result<std::unique_ptr<FrameSink>> open_frame_sink(const std::filesystem::path& path,
                                                                 const FrameSinkOptions& options);

/// Whether frames can be written to a path, tried before the long work that comes before the first frame.
/// Errors: another extension; a folder that is not empty; a place that cannot be written to.
[[nodiscard]] Result<void> check_frame_output(const std::filesystem::path& path);

/// Error: a GIF has more than 50 frames per second. Other outputs are not limited here.
[[nodiscard]] Result<void> check_frame_rate(const std::filesystem::path& path, double fps);

/// The checks that all sinks share. Errors: sizes that are not positive; fps or quality out of range.
[[nodiscard]] Result<void> check_options(const std::filesystem::path& path, const FrameSinkOptions& options);

/// Checks a frame. Errors, which name `index` (from 0): a size other than that of the options, other than
/// three channels, missing pixels.
[[nodiscard]] Result<void> check_frame(const std::filesystem::path& path, const FrameSinkOptions& options,
                                       const Image8& rgb, int index);

}  // namespace lact::app
