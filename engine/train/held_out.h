#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/session/session.h"
#include "engine/train/evaluation_scene.h"

#include <cstddef>
#include <span>
#include <vector>

namespace lact {

class Network;

/// One evaluated view, for contact sheets.
struct EvaluationImage {
    Image8 ground_truth;
    Image8 rendering;
};

/// Options of measure().
struct MeasureOptions {
    std::size_t batch = 8;  ///< Scenes of one pass; they need the same numbers of views and the same size.
    /// Receives the first target view of each of the first `image_count` scenes.
    std::vector<EvaluationImage>* images = nullptr;
    std::size_t image_count = 8;
    bool ssim = false;  ///< Also compute the SSIM, which takes longer than PSNR.
};

/// Evaluates weights on scenes through the inference path (set-up, then apply), which is independent of the
/// training code. A rendering that is not finite makes its means NaN. Errors: the job was stopped; out of
/// memory; a rule that these weights cannot run; no scene, or a scene without inputs or targets.
[[nodiscard]] Result<HeldOutScore> measure(const Model& model, const UpdateRule& rule,
                                           std::span<const EvaluationScene> scenes,
                                           const MeasureOptions& options = {}, const Job& job = {});

/// The same for a network in memory.
[[nodiscard]] Result<HeldOutScore> measure_network(const Network& network, const UpdateRule& rule,
                                                   std::span<const EvaluationScene> scenes,
                                                   const MeasureOptions& options = {}, const Job& job = {});

}  // namespace lact
