#pragma once

#include "app/cli/options.h"
#include "app/figures/enlarge.h"

#include <filesystem>
#include <span>

namespace lact::app {

/// How a film is written.
struct VideoOptions {
    double fps = 30;
    int quality = 18;  ///< x264's constant rate factor.
    int scale = 1;     ///< Enlargement of the model's pictures; provenance says so.
    EnlargeFilter filter = EnlargeFilter::bicubic;
};

/// Renders the cameras one by one at the model's full size and writes them as MP4 or numbered PNGs, by the
/// output's name. Nothing stands under that name unless all of it was written. Returns what encoded
/// ("libx264", "png").
[[nodiscard]] Result<std::string> render_video(Opened& opened, std::span<const Camera> cameras,
                                               const std::filesystem::path& output,
                                               const VideoOptions& options, const Job& job);

}  // namespace lact::app
