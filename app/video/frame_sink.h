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

/// How frames are written.
struct FrameSinkOptions {
    int width = 0;    ///< Of every frame, in pixels. MP4: even.
    int height = 0;   ///< Likewise.
    double fps = 30;  ///< Frames a second, from 0.01 to 1000 (GIF: to 50); has no meaning for pictures.
    /// MP4: x264's constant rate factor, 0 (lossless) to 51 (worst). Has no meaning for GIF, whose 256
    /// colours set the quality, nor for pictures, which are lossless.
    int quality = 18;
    std::string encoder;  ///< MP4: libav's name of the encoder; empty takes the best one there is.
    /// Where the frames come from: one JSON object in the MP4's `comment` or the GIF's comment extension,
    /// tEXt chunks in every PNG. PNG wants keys of 1 to 79 Latin-1 characters.
    std::vector<std::pair<std::string, std::string>> provenance;
};

/// Takes the frames of a film one by one. Nothing appears under the final name before finish() has succeeded;
/// a sink that is destroyed without it removes what it wrote. Not for use by several threads at once.
class FrameSink {
  public:
    FrameSink() = default;
    FrameSink(const FrameSink&) = delete;
    FrameSink& operator=(const FrameSink&) = delete;
    virtual ~FrameSink() = default;

    /// Appends a frame: three channels, of the size in the options. May block while earlier frames are being
    /// encoded; an error may be that of an earlier frame. After an error every further call fails.
    [[nodiscard]] virtual Result<void> write(const Image8& rgb) = 0;
    /// Completes the file or folder and gives it its final name. Fails when no frame was written. Where that
    /// takes long (GIF), it says how far it is and ends early, as cancelled, when the job is stopped.
    [[nodiscard]] virtual Result<void> finish(const Job& job) = 0;
    [[nodiscard]] Result<void> finish() { return finish(Job{}); }
    /// What encodes, to tell the person: libav's name of the encoder (`libx264`, …), `gif` or `png`.
    [[nodiscard]] virtual std::string encoder_name() const = 0;
};

/// Opens the sink that a path asks for, so that what cannot work is refused before the first frame is
/// rendered: a name ending in `.mp4` makes a film (Mp4Writer), one in `.gif` another (GifWriter); an existing
/// folder, a name that ends in `/` or one without an extension makes numbered pictures (PngSequence). Any
/// other extension is refused.
[[nodiscard]] Result<std::unique_ptr<FrameSink>> open_frame_sink(const std::filesystem::path& path,
                                                                 const FrameSinkOptions& options);

/// What all sinks refuse of their options: sizes that are not positive, fps and quality outside their
/// ranges.
[[nodiscard]] Result<void> check_options(const std::filesystem::path& path, const FrameSinkOptions& options);

/// What all sinks refuse of a frame: another size than the options', other than three channels, missing
/// pixels. `index` counts from 0 and is named in the error.
[[nodiscard]] Result<void> check_frame(const std::filesystem::path& path, const FrameSinkOptions& options,
                                       const Image8& rgb, int index);

}  // namespace lact::app
