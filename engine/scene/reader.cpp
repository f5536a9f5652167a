#include "engine/scene/reader.h"

#include "engine/core/full_path.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/scannetpp.h"

#include <algorithm>
#include <string>
#include <utility>

namespace lact {

std::array<const SceneReader*, 3> scene_readers() {
    return {&lact_json_reader(), &transforms_json_reader(), &colmap_reader()};
}

std::optional<FoundScene> find_scene(const std::filesystem::path& path) {
    for (const SceneReader* reader : scene_readers()) {
        if (auto file = reader->detect(path)) {
            return FoundScene{reader, std::move(*file)};
        }
    }
    return std::nullopt;
}

std::vector<std::filesystem::path> scenes_below(const std::filesystem::path& folder) {
    constexpr std::size_t most_folders = 64;
    std::vector<std::filesystem::path> level = folders_in(folder, true);
    for (int depth = 0; depth < 2; ++depth) {
        std::vector<std::filesystem::path> scenes;
        std::vector<std::filesystem::path> next;
        level.resize(std::min(level.size(), most_folders));
        for (const std::filesystem::path& child : level) {
            if (find_scene(child)) {
                scenes.push_back(child);
            }
            const auto below = folders_in(child, true);
            next.insert(next.end(), below.begin(), below.end());
        }
        std::erase_if(scenes, repeats_scannetpp);
        if (!scenes.empty()) {
            return scenes;
        }
        level = std::move(next);
    }
    return {};
}

std::optional<SceneAbove> scene_above(const std::filesystem::path& photos) {
    const std::filesystem::path full = full_path(photos);
    const std::string name = full.filename().string();
    constexpr std::string_view reduced = "images_";
    const bool is_reduced = name.starts_with(reduced) && name.size() > reduced.size() &&
                            name.find_first_not_of("0123456789", reduced.size()) == std::string::npos;
    if (!scannetpp_masks_of(name).empty()) {
        auto found = find_scene(scannetpp_cameras_of(full));
        return found ? std::optional(SceneAbove{found->file, found->file}) : std::nullopt;
    }
    const bool of_photos = is_photo_folder_name(name) || is_reduced;
    // The parts of a scene from Blender have folders of their names.
    const bool of_part = name == "train" || name == "test" || name == "val";
    if (!of_photos && !of_part) {
        return std::nullopt;
    }
    auto found = find_scene(full.parent_path());
    if (!found || (of_part && found->reader != &transforms_json_reader())) {
        return std::nullopt;
    }
    return SceneAbove{std::move(found->file), full.parent_path()};
}

}  // namespace lact
