#include "engine/scene/scene.h"

#include "engine/scene/photo_files.h"
#include "engine/scene/reader.h"

#include <array>
#include <exception>
#include <system_error>

#include <fmt/format.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

std::array<const SceneReader*, 3> readers() {
    return {&lact_json_reader(), &transforms_json_reader(), &colmap_reader()};
}

/// The last part of the folder's full path, also for "." and "scene/".
std::string name_of(const fs::path& folder) {
    std::error_code code;
    fs::path full = fs::weakly_canonical(fs::absolute(folder, code), code);
    if (!full.has_filename()) {
        full = full.parent_path();
    }
    return full.filename().string();
}

tl::unexpected<Error> not_a_scene(const fs::path& path, bool is_folder) {
    if (const auto photos = folder_with_photos(path); is_folder && photos) {
        const std::size_t count = pictures_in(*photos).size();
        return fail(path.string(),
                    fmt::format("holds {} photo{}, but nothing that says where they were taken from", count,
                                count == 1 ? "" : "s"),
                    fmt::format("Let COLMAP find out with: lactscope poses {}", path.string()));
    }
    std::string formats;
    for (const SceneReader* reader : readers()) {
        formats += (formats.empty() ? "" : ", ") + std::string(reader->looked_for());
    }
    return fail(path.string(), fmt::format("is not a scene; looked for {}", formats),
                is_folder ? "Name the folder that holds such a file."
                          : "Name a scene folder, or the scene file in it.");
}

Result<Scene> read_checked(const fs::path& path) {
    std::error_code code;
    const fs::file_status status = fs::status(path, code);
    if (!fs::exists(status)) {
        const bool absent = status.type() == fs::file_type::not_found;
        return fail(path.string(), absent ? "does not exist" : "cannot be opened: " + code.message(),
                    "Name a scene folder, or the scene file in it.");
    }
    for (const SceneReader* reader : readers()) {
        if (const auto file = reader->detect(path)) {
            LACT_TRY(Scene scene, reader->read(*file));
            scene.folder = fs::is_directory(status) ? path : path.parent_path();
            if (scene.folder.empty()) {
                scene.folder = ".";
            }
            scene.name = name_of(scene.folder);
            scene.format = reader->format();
            return scene;
        }
    }
    return not_a_scene(path, fs::is_directory(status));
}

}  // namespace

Result<Scene> read_scene(const fs::path& path) {
    try {
        return read_checked(path);
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be read as a scene: {}", error.what()));
    }
}

}  // namespace lact
