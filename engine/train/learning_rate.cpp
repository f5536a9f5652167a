#include "engine/train/learning_rate.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace lact {
namespace {

/// `progress`: the part of the stage that lies behind, in [0, 1).
double stage_rate(const TrainStage& stage, double progress) {
    const double begin = 1 - stage.decay_fraction;
    if (stage.decay == Decay::constant || progress <= begin) {
        return stage.learning_rate;
    }
    const double u = (progress - begin) / stage.decay_fraction;
    const double kept = stage.decay == Decay::linear ? 1 - u : 0.5 * (1 + std::cos(std::numbers::pi * u));
    return stage.end_learning_rate + (stage.learning_rate - stage.end_learning_rate) * kept;
}

}  // namespace

double learning_rate(const TrainConfig& config, long long step) {
    const double warm_up =
        config.warm_up_steps > 0 ? std::min(1.0, static_cast<double>(step + 1) / config.warm_up_steps) : 1.0;
    std::size_t stage = 0;
    long long in_stage = step;
    while (stage + 1 < config.stages.size() && in_stage >= config.stages[stage].steps) {
        in_stage -= config.stages[stage++].steps;
    }
    const TrainStage& current = config.stages[stage];
    return warm_up * stage_rate(current, static_cast<double>(in_stage) / static_cast<double>(current.steps));
}

}  // namespace lact
