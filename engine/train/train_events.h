#pragma once

#include "engine/train/held_out.h"

#include <functional>
#include <string>
#include <vector>

namespace lact {

/// Result of one training step.
struct StepEvent {
    long long step = 0;   ///< Steps done, this one included.
    long long steps = 0;  ///< Of the whole run.
    std::size_t stage = 0;
    int size = 0;
    int inputs = 0;
    int targets = 0;
    double loss = 0;  ///< NaN or infinite in a skipped step.
    /// Training PSNR in dB, from the mean squared error smoothed over about 50 steps; NaN before the first
    /// step that counts.
    double psnr = 0;
    double learning_rate = 0;
    double gradient_norm = 0;  ///< Before clipping.
    bool skipped = false;      ///< The gradient was not finite and the parameters are unchanged.
    long long skipped_steps = 0;
    long long scenes = 0;          ///< Seen so far.
    double scenes_per_second = 0;  ///< Smoothed over about 20 steps.
    double hours = 0;              ///< Of training steps, over all sessions of the run.
};

/// Score of the averaged weights on one set of scenes.
struct NamedScore {
    std::string name;  ///< Of a family (its held-out worlds) or of a watched scene.
    HeldOutScore score;
};

/// Result of one evaluation.
struct EvaluationEvent {
    long long step = 0;
    int size = 0;
    std::vector<NamedScore> scores;       ///< The first is the held-out set of the trained family.
    std::vector<EvaluationImage> images;  ///< Of the first set.
};

/// Callbacks of a training run, called on the training thread. All are optional.
struct TrainEvents {
    std::function<void(const StepEvent&)> step;
    std::function<void(const EvaluationEvent&)> evaluation;
    std::function<void(long long step)> checkpoint;  ///< After a checkpoint was written.
};

}  // namespace lact
