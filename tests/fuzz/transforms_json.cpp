// transforms.json, also one that is split into parts: engine/scene/reader_transforms_json.cpp. The input is
// one file, or those for training and testing with "@@" between.
#include "tests/fuzz/target.h"

#include <fstream>

LACT_FUZZ_TARGET(transforms_json) {
    const auto [first, second] = two_files(text_of(data, size));
    const auto folder = scene_folder();
    const auto path = folder / (second.empty() ? "transforms.json" : "transforms_train.json");
    std::ofstream(path, std::ios::binary) << first;
    if (!second.empty()) {
        std::ofstream(folder / "transforms_test.json", std::ios::binary) << second;
    }
    const int bad = read_scene_file(second.empty() ? path : folder);
    std::filesystem::remove(path);
    std::filesystem::remove(folder / "transforms_test.json");
    return bad;
}
