#include "engine/session/scene_header.h"

#include "engine/core/counted.h"

#include <algorithm>

#include <fmt/format.h>

namespace lact {

std::string SceneHeader::sentence() const {
    std::string text = fmt::format("{} of {}{}x{} ({}); {} at {}x{} {} about {}", counted(views, "photo"),
                                   views == 1 ? "" : "up to ", photo.width, photo.height, format,
                                   counted(inputs, "input view"), size.width, size.height,
                                   inputs == 1 ? "takes" : "take", memory_text(needed));
    if (available > 0) {
        text += fmt::format(" of the {} that are free", memory_text(available));
    }
    return text;
}

Result<void> SceneHeader::check() const {
    if (fits()) {
        return {};
    }
    const std::string hint = offer.sentence();
    return fail(name,
                fmt::format("opening it takes about {} of memory, {} are free", memory_text(needed),
                            memory_text(available)),
                hint.empty() ? "Close other programs, or make the photos smaller." : hint);
}

SceneHeader probe_scene(const SceneFiles& files, const SceneRequest& request, const ModelConfig& config,
                        Size size, const MemoryBudget& budget) {
    SceneHeader probe;
    probe.name = files.name;
    probe.format = files.format;
    probe.views = files.views.size();
    for (const SceneView& view : files.views) {
        const Size photo = photo_size(view);
        probe.photo.width = std::max(probe.photo.width, photo.width);
        probe.photo.height = std::max(probe.photo.height, photo.height);
    }
    probe.size = request.size.value_or(size);
    const std::size_t requested = request.inputs.empty() ? request.input_count : request.inputs.size();
    probe.inputs = std::min(requested, probe.views);
    probe.memory = estimate_memory(files, config, probe.inputs, probe.size, 0, budget.value_bytes);
    if (request.targets && probe.views > 0) {
        // Only what is chosen is decoded, and what stands before it.
        const std::size_t decoded =
            std::min(probe.views, std::max(probe.inputs + request.targets->size(), named_views(request)));
        probe.memory.images = probe.memory.images / probe.views * decoded;
    }
    probe.needed = budget.model_in_main_memory ? probe.memory.total() : probe.memory.without_model();
    probe.available = budget.available;
    if (!probe.fits()) {
        probe.offer = smaller_request(files, config, probe.inputs, probe.size, budget.available,
                                      budget.model_in_main_memory, budget.value_bytes);
    }
    return probe;
}

Result<SceneHeader> probe_scene(const SceneRequest& request, const ModelConfig& config, Size size,
                                const MemoryBudget& budget) {
    LACT_TRY(const SceneFiles files, read_scene(request.path));
    return probe_scene(files, request, config, size, budget);
}

}  // namespace lact
