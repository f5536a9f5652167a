#include "engine/session/scene_glance.h"

#include <algorithm>

#include <fmt/format.h>

namespace lact {

std::string SceneGlance::sentence() const {
    std::string text =
        fmt::format("{} photo{} of {}{}x{} ({}); {} input view{} at {}x{} take about {}", views,
                    views == 1 ? "" : "s", views == 1 ? "" : "up to ", photo.width, photo.height, format,
                    inputs, inputs == 1 ? "" : "s", size.width, size.height, memory_text(needed));
    if (available > 0) {
        text += fmt::format(" of the {} that are free", memory_text(available));
    }
    return text;
}

Result<void> SceneGlance::check() const {
    if (fits()) {
        return {};
    }
    const std::string hint = offer.sentence();
    return fail(name,
                fmt::format("opening it takes about {} of memory, {} are free", memory_text(needed),
                            memory_text(available)),
                hint.empty() ? "Close other programs, or make the photos smaller." : hint);
}

Result<SceneGlance> glance_at_scene(const SceneRequest& request, const ModelConfig& config, Size size,
                                    const MemoryBudget& budget) {
    LACT_TRY(const Scene scene, read_scene(request.path));
    SceneGlance glance;
    glance.name = scene.name;
    glance.format = scene.format;
    glance.views = scene.views.size();
    for (const SceneView& view : scene.views) {
        const Size photo = photo_size(view);
        glance.photo.width = std::max(glance.photo.width, photo.width);
        glance.photo.height = std::max(glance.photo.height, photo.height);
    }
    glance.size = request.size.value_or(size);
    const std::size_t wanted = request.inputs.empty() ? request.input_count : request.inputs.size();
    glance.inputs = std::min(wanted, glance.views);
    glance.memory = estimate_memory(scene, config, glance.inputs, glance.size);
    glance.needed = budget.model_in_main_memory ? glance.memory.total() : glance.memory.without_model();
    glance.available = budget.available;
    if (!glance.fits()) {
        glance.offer = smaller_request(scene, config, glance.inputs, glance.size, budget.available,
                                       budget.model_in_main_memory);
    }
    return glance;
}

}  // namespace lact
