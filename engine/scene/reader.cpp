#include "engine/scene/reader.h"

#include <string>
#include <system_error>
#include <utility>

namespace lact {

std::filesystem::path full_path(const std::filesystem::path& folder) {
    std::error_code code;
    const std::filesystem::path full =
        std::filesystem::weakly_canonical(std::filesystem::absolute(folder, code), code);
    return full.has_filename() ? full : full.parent_path();
}

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

std::optional<FoundScene> scene_above(const std::filesystem::path& photos) {
    const std::filesystem::path full = full_path(photos);
    const std::string name = full.filename().string();
    if (name != "images" && name != "input" && name != "photos") {
        return std::nullopt;
    }
    return find_scene(full.parent_path());
}

}  // namespace lact
