#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/procedural/generated_views.h"
#include "engine/scene/camera.h"
#include "engine/scene/image.h"
#include "engine/session/load_scene.h"
#include "engine/train/drawn_scenes.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lact {

/// PSNR in dB of a view that matches exactly, so that means stay finite.
inline constexpr double exact_match_db = 100;

/// A scene to evaluate a network on: it renders the other views from the first `inputs`. RGB images of one
/// size.
struct EvaluationScene {
    std::string name;
    std::size_t inputs = 0;
    std::vector<Image8> images;
    std::vector<Camera> cameras;

    [[nodiscard]] std::size_t targets() const { return images.size() - inputs; }
};

/// Scores of trivial predictions of one view, in dB: baselines for the score of a network.
struct BaselineScore {
    double nearest_view = 0;  ///< The input photo of the nearest camera.
    double white = 0;         ///< A white image.
    double silhouette = 0;    ///< All pixels of the object (those not white) in their mean colour: an oracle.
};

/// Scores of a network on a set of scenes: means over all target views, in dB. A view that matches exactly
/// counts as exact_match_db.
struct HeldOutScore {
    std::size_t scenes = 0;
    std::size_t views = 0;
    double psnr = 0;
    double psnr_foreground = 0;  ///< Over the pixels of the ground truth that are not white.
    double ssim = 0;             ///< Only where it was requested (MeasureOptions).
    BaselineScore baseline;
};

/// The generated worlds of `seeds` with `inputs` + `targets` views, drawn on all cores.
/// Errors: the job was stopped.
[[nodiscard]] Result<std::vector<EvaluationScene>> draw_evaluation_scenes(
    const WorldFamily& family, std::span<const std::uint64_t> seeds, int inputs, int targets, int size,
    const DrawScene& draw, const Job& job = {});

/// The chosen inputs and targets of a loaded scene.
[[nodiscard]] EvaluationScene evaluation_scene(const LoadedScene& scene);

/// The baselines of target view `target` in [0, scene.targets()).
[[nodiscard]] BaselineScore baseline_score(const EvaluationScene& scene, std::size_t target);

}  // namespace lact
