#include "app/runtime/snapshot.h"

#include <algorithm>
#include <array>

namespace lact::app {

namespace {

long long area(Size size) {
    return static_cast<long long>(size.width) * size.height;
}

}  // namespace

std::vector<OfferedSize> offered_sizes(const ModelConfig& config, const WeightsInfo& info) {
    constexpr std::array common{32, 64, 96, 128, 192, 256, 384, 512};
    std::vector<OfferedSize> offered;
    const auto add = [&](Size size, SizeTraining training) {
        const bool there = std::any_of(offered.begin(), offered.end(),
                                       [&](const OfferedSize& one) { return one.size == size; });
        if (!there && size.width % config.patch == 0 && size.height % config.patch == 0) {
            offered.push_back({size, training});
        }
    };
    for (const auto& [width, height] : info.trained_sizes) {
        add({width, height}, SizeTraining::trained);
    }
    std::stable_sort(offered.begin(), offered.end(),
                     [](const OfferedSize& a, const OfferedSize& b) { return area(a.size) < area(b.size); });
    const auto rest = info.trained_sizes.empty() ? SizeTraining::unknown : SizeTraining::untrained;
    for (const int side : common) {
        add({side, side}, rest);
    }
    return offered;
}

MatrixShape fast_weight_shape(const ModelConfig& config, FastMatrix which) {
    if (which == FastMatrix::w1) {
        return {config.fast_hidden(), config.ttt_head};
    }
    return {config.ttt_head, config.fast_hidden()};
}

std::vector<Camera> SceneSummary::cameras(const std::vector<std::size_t>& indices) const {
    std::vector<Camera> chosen;
    for (const std::size_t index : indices) {
        chosen.push_back(views[index].camera);
    }
    return chosen;
}

std::vector<Camera> SceneSummary::cameras() const {
    std::vector<Camera> all;
    all.reserve(views.size());
    for (const ViewSummary& view : views) {
        all.push_back(view.camera);
    }
    return all;
}

std::size_t SceneSummary::input_place(std::size_t view) const {
    const auto found = std::find(inputs.begin(), inputs.end(), view);
    return found == inputs.end() ? 0 : static_cast<std::size_t>(found - inputs.begin()) + 1;
}

std::vector<std::size_t> SceneSummary::held_out() const {
    std::vector<std::size_t> rest;
    for (const ViewSummary& view : views) {
        if (!view.is_input) {
            rest.push_back(view.index);
        }
    }
    return rest;
}

}  // namespace lact::app
