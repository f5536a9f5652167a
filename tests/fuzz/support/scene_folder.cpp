#include "engine/core/files.h"
#include "engine/scene/image.h"
#include "engine/scene/scene_files.h"
#include "tests/fuzz/target.h"

namespace lact::fuzz {

const std::filesystem::path& scene_folder() {
    static const std::filesystem::path folder = [] {
        const std::string png = encode_png({8, 8, 3, std::vector<std::uint8_t>(192)}).value_or("");
        std::filesystem::path path = scratch().path() / "scene";
        std::filesystem::create_directories(path / "images");
        (void)write_file_atomically(path / "a.png", png);
        (void)write_file_atomically(path / "images/a.png", png);
        return path;
    }();
    return folder;
}

int read_scene_file(const std::filesystem::path& file) {
    const auto scene = read_scene(file);
    if (!scene) {
        return scene.error().message().empty() ? 1 : 0;
    }
    for (const SceneView& view : scene->views) {
        if (!view.camera.c2w.allFinite()) {
            return 1;
        }
    }
    return scene->views.empty() ? 1 : 0;
}

}  // namespace lact::fuzz
