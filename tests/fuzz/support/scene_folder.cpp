#include "engine/core/files.h"
#include "engine/scene/colmap_model.h"
#include "engine/scene/image.h"
#include "engine/scene/scene_files.h"
#include "tests/fuzz/target.h"

#include <fstream>

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

int read_colmap_files(std::string_view input, const std::string& extension) {
    const auto [cameras, images] = two_files(input);
    const auto camera_file = scene_folder() / ("cameras" + extension);
    const auto image_file = scene_folder() / ("images" + extension);
    std::ofstream(camera_file, std::ios::binary) << cameras;
    std::ofstream(image_file, std::ios::binary) << images;
    (void)colmap_image_count(image_file);
    const auto model = read_colmap_model(image_file);
    int bad = 0;
    if (model) {
        for (const auto& image : model->images) {
            bad += model->cameras.contains(image.camera) ? 0 : 1;
        }
        bad += read_scene_file(image_file);
    }
    std::filesystem::remove(image_file);
    std::filesystem::remove(camera_file);
    return bad;
}

}  // namespace lact::fuzz
