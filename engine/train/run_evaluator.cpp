#include "engine/train/run_evaluator.h"

#include "engine/model/network.h"
#include "engine/session/load_scene.h"
#include "engine/train/held_out.h"

#include <algorithm>
#include <cstdint>
#include <span>

namespace lact {

RunEvaluator::RunEvaluator(const TrainConfig& config, const TrainRequest& request, at::Device device)
    : config_(config),
      held_out_(request.held_out),
      watch_(request.watch),
      draw_(request.draw),
      device_(device) {}

bool RunEvaluator::empty() const {
    return !held_out_ && watch_.empty();
}

Result<void> RunEvaluator::load(int size, const Job& job) {
    if (size == size_) {
        return {};
    }
    sets_.clear();
    size_ = 0;
    for (const WorldFamily* family : held_out_ ? config_.families : std::vector<const WorldFamily*>()) {
        const std::span<const std::uint64_t> all = family->held_out;
        const auto seeds =
            all.first(std::min(all.size(), static_cast<std::size_t>(config_.evaluation_scenes)));
        LACT_TRY(auto scenes, draw_evaluation_scenes(*family, seeds, inputs, targets, size, draw_, job));
        sets_.push_back({family->name, std::move(scenes)});
    }
    LACT_CHECK(load_watched(size, job));
    size_ = size;
    return {};
}

Result<void> RunEvaluator::load_watched(int size, const Job& job) {
    for (const auto& path : watch_) {
        SceneRequest request;
        request.path = path;
        request.size = Size{size, size};
        request.input_count = inputs;
        LACT_TRY(const LoadedScene scene, load_scene(request, config_.model, {}, {{}, {}, job.stop}));
        Set set{scene.set->files.name, {}};
        set.scenes.push_back(evaluation_scene(scene));
        sets_.push_back(std::move(set));
    }
    return {};
}

Result<EvaluationEvent> RunEvaluator::evaluate(const Checkpoint& weights, int size, const Job& job) {
    LACT_CHECK(load(size, job));
    const Network network(weights, device_,
                          config_.precision == TrainPrecision::bf16 ? at::kBFloat16 : at::kFloat);
    const UpdateRule rule = train_rule(config_);
    EvaluationEvent event;
    event.size = size;
    for (const Set& set : sets_) {
        MeasureOptions options;
        options.images = event.scores.empty() ? &event.images : nullptr;
        options.image_count = images;
        LACT_TRY(const HeldOutScore score, measure_network(network, rule, set.scenes, options, job));
        event.scores.push_back({set.name, score});
    }
    return event;
}

}  // namespace lact
