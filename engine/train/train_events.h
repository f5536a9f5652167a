#pragma once

#include "engine/train/held_out.h"

#include <functional>
#include <string>
#include <vector>

namespace lact {

/// What one training step did.
struct StepEvent {
    long long step = 0;   ///< Steps done, this one included.
    long long steps = 0;  ///< Of the whole run.
    std::size_t stage = 0;
    int size = 0;
    int inputs = 0;
    int targets = 0;
    double loss = 0;  ///< NaN or infinite in a skipped step.
    double psnr = 0;  ///< Of training, from the mean squared error smoothed over about 50 steps; dB.
    double learning_rate = 0;
    double gradient_norm = 0;  ///< Before clipping.
    bool skipped = false;      ///< The gradient was not finite: nothing was learned.
    long long skipped_steps = 0;
    long long scenes = 0;          ///< Seen so far.
    double scenes_per_second = 0;  ///< Smoothed over about 20 steps.
    double hours = 0;              ///< Spent on steps, over all parts of the run.
};

/// A measure of the averaged weights on one set of scenes.
struct NamedScore {
    std::string name;  ///< A family's (its held-out worlds), or a watched scene's name.
    HeldOutScore score;
};

struct EvaluationEvent {
    long long step = 0;
    int size = 0;
    std::vector<NamedScore> scores;       ///< The first is the held-out set of the family trained on.
    std::vector<EvaluationImage> images;  ///< Of the first set.
};

/// What a training run tells while it goes on; called on the training thread. All of them are optional.
struct TrainEvents {
    std::function<void(const StepEvent&)> step;
    std::function<void(const EvaluationEvent&)> evaluation;
    std::function<void(long long step)> checkpoint;  ///< One was written.
};

}  // namespace lact
