#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/session/session.h"
#include "engine/train/evaluation_scene.h"

#include <cstddef>
#include <span>
#include <vector>

namespace lact {

/// One measured view, for contact sheets.
struct EvaluationImage {
    Image8 ground_truth;
    Image8 made;
};

struct MeasureOptions {
    std::size_t batch = 8;  ///< Scenes computed together, where all have equally many views.
    /// Receives the first target view of each of the first `picture_count` scenes.
    std::vector<EvaluationImage>* images = nullptr;
    std::size_t image_count = 8;
};

/// Measures weights on scenes through the inference path (set-up, then apply): not the code that trained
/// them. Errors: the job was stopped; out of memory; no scene, or one without inputs or targets.
[[nodiscard]] Result<HeldOutScore> measure(const Model& model, const UpdateRule& rule,
                                           std::span<const EvaluationScene> scenes,
                                           const MeasureOptions& options = {}, const Job& job = {});

}  // namespace lact
