#include "app/core/track_import.h"

#include "engine/scene/scene.h"

#include <algorithm>
#include <vector>

namespace lact::app {

Result<TrackImportOptions> track_import_options(const std::filesystem::path& scene,
                                                std::span<const Eigen::Matrix4d> shown) {
    TrackImportOptions options;
    LACT_TRY(const Scene file, read_scene(scene));
    std::vector<Eigen::Matrix4d> before;
    const std::size_t both = std::min(file.views.size(), shown.size());
    for (std::size_t i = 0; i < both; ++i) {
        before.push_back(file.views[i].camera.c2w);
    }
    LACT_TRY(options.file_to_world, similarity_between(before, shown.first(both)));
    const auto folder = std::filesystem::is_directory(scene) ? scene : scene.parent_path();
    if (std::error_code none; std::filesystem::is_regular_file(folder / "transforms.json", none)) {
        options.scene_file = folder / "transforms.json";
    }
    return options;
}

}  // namespace lact::app
