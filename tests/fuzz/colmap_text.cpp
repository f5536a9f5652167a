// COLMAP's sparse model as text: engine/scene/colmap_model.h. The input is cameras.txt and images.txt with
// "@@" between.
#include "engine/scene/colmap_model.h"
#include "tests/fuzz/target.h"

#include <fstream>

LACT_FUZZ_TARGET(colmap_text) {
    const auto [cameras, images] = two_files(text_of(data, size));
    const auto folder = scene_folder();
    const auto path = folder / "images.txt";
    std::ofstream(folder / "cameras.txt", std::ios::binary) << cameras;
    std::ofstream(path, std::ios::binary) << images;
    (void)colmap_image_count(path);
    const auto model = read_colmap_model(path);
    int bad = 0;
    if (model) {
        for (const auto& image : model->images) {
            bad += model->cameras.contains(image.camera) ? 0 : 1;
        }
        bad += read_scene_file(path);
    }
    std::filesystem::remove(path);
    std::filesystem::remove(folder / "cameras.txt");
    return bad;
}
