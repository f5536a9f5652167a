#include "app/runtime/snapshot.h"

#include "engine/core/parallel.h"
#include "engine/core/printable.h"
#include "engine/scene/resample.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lact::app {

namespace {

long long area(Size size) {
    return static_cast<long long>(size.width) * size.height;
}

}  // namespace

std::vector<ViewSummary> summarize(const ViewSet& set) {
    std::vector<ViewSummary> summaries(set.views.size());
    parallel_for(set.views.size(), [&](std::size_t i) {
        const PreparedView& view = set.views[i];
        ViewSummary& summary = summaries[i];
        summary.index = view.index;
        summary.name = printable_line(set.photo_name(view.index));
        summary.camera = view.camera;
        summary.file_pose = set.files.views[view.index].camera.c2w;
        summary.test = view.test;
        summary.outlying = view.outlying;
        summary.image = view.image;
        summary.thumbnail = std::make_shared<const Image8>(make_thumbnail(*view.image));
    });
    return summaries;
}

Image8 make_thumbnail(const ImageF& image) {
    constexpr int largest = 128;
    Image8 small = to_image8(image);
    const int larger = std::max(small.width, small.height);
    if (larger <= largest) {
        return small;
    }
    const auto side = [&](int length) {
        return std::max(1, static_cast<int>(std::lround(static_cast<double>(length) * largest / larger)));
    };
    return resize_lanczos(small, {side(small.width), side(small.height)});
}

std::vector<OfferedSize> offered_sizes(const ModelConfig& config, const WeightsInfo& info) {
    constexpr std::array common{32, 64, 96, 128, 192, 256, 384, 512};
    std::vector<OfferedSize> offered;
    const auto add = [&](Size size, SizeTraining training) {
        const bool there = std::any_of(offered.begin(), offered.end(),
                                       [&](const OfferedSize& one) { return one.size == size; });
        if (!there && config.takes(size)) {
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

std::vector<std::size_t> SceneSummary::measured() const {
    std::vector<std::size_t> fitting = held_out();
    std::erase_if(fitting, [this](std::size_t view) { return views[view].outlying; });
    return fitting;
}

}  // namespace lact::app
