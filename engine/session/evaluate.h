#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/session/load_scene.h"
#include "engine/session/session.h"

#include <cstddef>
#include <span>
#include <vector>

namespace lact {

/// How good one held-out view is. dB and SSIM against the photo, on model pixels.
struct ViewScore {
    std::size_t index = 0;       ///< In the scene.
    double psnr = 0;             ///< Infinite for equal images; NaN of a rendering that is not finite.
    double psnr_foreground = 0;  ///< Only non-white pixels of the photo; NaN where there is none.
    double psnr_nearest_view =
        0;            ///< Of showing the nearest input photo instead: what every figure must beat.
    double ssim = 0;  ///< NaN below 11x11 pixels.
    double milliseconds = 0;
};

struct Evaluation {
    std::vector<ViewScore> views;
    /// Means over the views. A view without foreground, or too small for SSIM, is left out of that mean; a
    /// rendering that is not finite makes the means NaN.
    double psnr = 0;
    double psnr_foreground = 0;
    double psnr_nearest_view = 0;
    double ssim = 0;
};

/// Renders every target of the scene and compares it with its photo. The session must be set up with the
/// scene's inputs. `frames`, if given, receives the renderings in the order of the targets.
[[nodiscard]] Result<Evaluation> evaluate(Session& session, const LoadedScene& scene, const Job& job = {},
                                          std::vector<Frame>* frames = nullptr);

}  // namespace lact
