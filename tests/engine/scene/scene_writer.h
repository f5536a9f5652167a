#pragma once

#include "engine/scene/image.h"
#include "tests/engine/scene/images.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace lact::test {

/// The formats of scenes, one for each reader.
enum class SceneFormat { lact, transforms, colmap };

inline std::string to_string(SceneFormat format) {
    return format == SceneFormat::lact ? "lact" : format == SceneFormat::transforms ? "transforms" : "colmap";
}

inline void write_text(const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

/// A photo of 8x6 pixels, white so that it is also a mask. PNG whatever the name's ending: readers look at
/// the bytes.
inline void put_photo(const std::filesystem::path& file) {
    static const std::string bytes = *encode_png(plain_image(8, 6, {255, 255, 255}));
    write_text(file, bytes);
}

/// A scene with a camera for every name, on a line along x, looking along z.
inline void write_scene(SceneFormat format, const std::filesystem::path& folder,
                        const std::vector<std::string>& names) {
    std::string images;
    nlohmann::json frames = nlohmann::json::array();
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto x = static_cast<double>(i);
        if (format == SceneFormat::colmap) {
            images +=
                std::to_string(i + 1) + " 1 0 0 0 " + std::to_string(-x) + " 0 0 1 " + names[i] + "\n\n";
        } else if (format == SceneFormat::lact) {
            frames.push_back({{"file_path", names[i]},
                              {"w", 8},
                              {"h", 6},
                              {"fx", 9},
                              {"fy", 9},
                              {"cx", 4},
                              {"cy", 3},
                              {"w2c", {{1, 0, 0, -x}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}}});
        } else {
            frames.push_back(
                {{"file_path", names[i]},
                 {"transform_matrix", {{1, 0, 0, x}, {0, -1, 0, 0}, {0, 0, -1, 0}, {0, 0, 0, 1}}}});
        }
    }
    if (format == SceneFormat::colmap) {
        write_text(folder / "sparse/0/cameras.txt", "1 PINHOLE 8 6 9 9 4 3\n");
        write_text(folder / "sparse/0/images.txt", images);
    } else if (format == SceneFormat::lact) {
        write_text(folder / "opencv_cameras.json", frames.dump());
    } else {
        write_text(folder / "transforms.json",
                   nlohmann::json{{"w", 8}, {"h", 6}, {"fl_x", 9}, {"frames", frames}}.dump());
    }
}

}  // namespace lact::test
