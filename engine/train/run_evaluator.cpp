#include "engine/train/run_evaluator.h"

#include "engine/model/network.h"
#include "engine/session/load_scene.h"
#include "engine/train/held_out.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include <fmt/format.h>

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

Result<void> RunEvaluator::load(const std::vector<int>& sizes, const Job& job) {
    if (sizes == sizes_) {
        return {};
    }
    sets_.clear();
    sizes_.clear();
    for (const int size : sizes) {
        for (const WorldFamily* family : held_out_ ? config_.families : std::vector<const WorldFamily*>()) {
            const std::span<const std::uint64_t> all = family->held_out;
            const auto seeds =
                all.first(std::min(all.size(), static_cast<std::size_t>(config_.evaluation_scenes)));
            LACT_TRY(auto scenes, draw_evaluation_scenes(*family, seeds, inputs, targets, size, draw_, job));
            sets_.push_back({family->name, size, std::move(scenes)});
        }
        LACT_CHECK(load_watched(size, job));
    }
    sizes_ = sizes;
    return {};
}

/// The name with a number behind it where another set of this size has it: scores are told apart by name.
std::string RunEvaluator::unused_name(const std::string& name, int size) const {
    const auto is_used = [&](const std::string& candidate) {
        return std::ranges::any_of(sets_,
                                   [&](const Set& set) { return set.name == candidate && set.size == size; });
    };
    std::string unused = name;
    for (int number = 2; is_used(unused); ++number) {
        unused = fmt::format("{} ({})", name, number);
    }
    return unused;
}

Result<void> RunEvaluator::load_watched(int size, const Job& job) {
    for (const auto& path : watch_) {
        SceneRequest request;
        request.path = path;
        request.size = Size{size, size};
        LACT_TRY(SceneFiles files, read_scene(path));
        // One view at least is left to be measured.
        request.input_count = std::min(static_cast<std::size_t>(inputs), files.views.size() - 1);
        LACT_TRY(const LoadedScene scene,
                 load_scene(std::move(files), request, config_.model, {}, {{}, {}, job.stop}));
        Set set{unused_name(scene.set->files.name, size), size, {}};
        set.scenes.push_back(evaluation_scene(scene));
        sets_.push_back(std::move(set));
    }
    return {};
}

Result<EvaluationEvent> RunEvaluator::evaluate(const Checkpoint& weights, const std::vector<int>& sizes,
                                               const Job& job) {
    LACT_CHECK(load(sizes, job));
    const Network network(weights, device_,
                          config_.precision == TrainPrecision::bf16 ? at::kBFloat16 : at::kFloat);
    const UpdateRule rule = train_rule(config_);
    EvaluationEvent event;
    event.size = sizes.front();
    for (const Set& set : sets_) {
        MeasureOptions options;
        options.images = event.scores.empty() ? &event.images : nullptr;
        options.image_count = images;
        LACT_TRY(const HeldOutScore score, measure_network(network, rule, set.scenes, options, job));
        const bool first_size = set.size == event.size;
        event.scores.push_back(
            {first_size ? set.name : fmt::format("{} {}x{}", set.name, set.size, set.size), score});
    }
    return event;
}

}  // namespace lact
