// opencv_cameras.json: engine/scene/reader_lact_json.cpp.
#include "tests/fuzz/target.h"

#include <fstream>

LACT_FUZZ_TARGET(lact_json) {
    const auto path = scene_folder() / "opencv_cameras.json";
    std::ofstream(path, std::ios::binary) << text_of(data, size);
    const int bad = read_scene_file(path);
    std::filesystem::remove(path);
    return bad;
}
