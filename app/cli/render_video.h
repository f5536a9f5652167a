#pragma once

#include "app/cli/options.h"
#include "app/figures/enlarge.h"

#include <filesystem>
#include <span>
#include <string>

namespace lact::app {

/// Encoding of a video.
struct VideoOptions {
    double fps = 30;
    int quality = 18;  ///< x264's constant rate factor.
    int scale = 1;     ///< Enlargement of the renderings; the provenance records it.
    EnlargeFilter filter = EnlargeFilter::bicubic;
};

/// Renders the cameras in order at the full size of the session and writes an MP4, a GIF or numbered PNGs,
/// depending on the extension of `output`. `output` appears only when it is complete. Returns the name of the
/// encoder ("libx264", "gif", "png").
[[nodiscard]] Result<std::string> render_video(Opened& opened, std::span<const Camera> cameras,
                                               const std::filesystem::path& output,
                                               const VideoOptions& options, const Job& job);

}  // namespace lact::app
