#include "app/compare/prepared_scene.h"

#include "engine/core/parallel.h"
#include "engine/scene/resample.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr int thumbnail_side = 128;

/// Names, cameras and thumbnails; the pictures are shared.
std::vector<ViewSummary> summarize(const std::shared_ptr<const std::vector<PreparedView>>& views,
                                   const Scene& files) {
    std::vector<ViewSummary> summaries(views->size());
    parallel_for(views->size(), [&](std::size_t i) {
        const PreparedView& view = (*views)[i];
        ViewSummary& summary = summaries[i];
        summary.index = view.index;
        summary.name = files.views[view.index].image.filename().string();
        summary.camera = view.camera;
        summary.test = view.test;
        summary.image = std::shared_ptr<const ImageF>(views, &view.image);
        summary.thumbnail = std::make_shared<const Image8>(make_thumbnail(view.image));
    });
    return summaries;
}

}  // namespace

std::vector<PreparedView> PreparedScene::chosen(std::span<const std::size_t> indices) const {
    std::vector<PreparedView> picked;
    picked.reserve(indices.size());
    for (const std::size_t index : indices) {
        picked.push_back((*views)[index]);
    }
    return picked;
}

Result<std::shared_ptr<const PreparedScene>> prepare_scene(const Opening<SceneRequest>& opening, Size size,
                                                           const ModelConfig& config, const WeightsInfo& info,
                                                           const Job& job) {
    SceneRequest request = opening.value;
    request.size = size;
    request.targets.reset();  // all that are not inputs: together with the inputs, every view
    LACT_TRY(LoadedScene loaded, load_scene(request, config, info, job));
    const auto scene = std::make_shared<PreparedScene>();
    scene->opening = opening.sequence;
    scene->request = opening.value;
    scene->normalization = loaded.normalization;
    scene->train_radius = info.train_radius;
    scene->name = loaded.scene.name;
    scene->format = loaded.scene.format;
    scene->size = loaded.size;
    scene->warnings = loaded.scene.warnings;
    for (const PreparedView& view : loaded.inputs) {
        scene->inputs.push_back(view.index);
    }
    auto views = std::make_shared<std::vector<PreparedView>>(std::move(loaded.inputs));
    std::move(loaded.targets.begin(), loaded.targets.end(), std::back_inserter(*views));
    std::sort(views->begin(), views->end(),
              [](const PreparedView& a, const PreparedView& b) { return a.index < b.index; });
    scene->views = std::move(views);
    scene->summaries = summarize(scene->views, loaded.scene);
    return scene;
}

Result<void> check_inputs(const PreparedScene& scene, std::span<const std::size_t> inputs) {
    if (inputs.empty()) {
        return fail(scene.name, "no input view is chosen", "Tick at least one.");
    }
    std::vector<bool> seen(scene.views->size(), false);
    for (const std::size_t index : inputs) {
        if (index >= scene.views->size()) {
            return fail(scene.name, fmt::format("input view {} is not there: the scene has views 0 to {}",
                                                index, scene.views->size() - 1));
        }
        if (seen[index]) {
            return fail(scene.name, fmt::format("input view {} was given twice", index));
        }
        seen[index] = true;
    }
    return {};
}

Image8 make_thumbnail(const ImageF& image) {
    Image8 small = to_image8(image);
    const int larger = std::max(small.width, small.height);
    if (larger <= thumbnail_side) {
        return small;
    }
    const auto side = [&](int length) {
        return std::max(1,
                        static_cast<int>(std::lround(static_cast<double>(length) * thumbnail_side / larger)));
    };
    return resize_lanczos(small, {side(small.width), side(small.height)});
}

}  // namespace lact::app
