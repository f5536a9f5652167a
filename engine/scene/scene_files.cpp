#include "engine/scene/scene_files.h"

#include "engine/core/counted.h"
#include "engine/core/file_descriptor.h"
#include "engine/core/full_path.h"
#include "engine/core/printable.h"
#include "engine/scene/colmap_photos.h"
#include "engine/scene/orientation.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/reader.h"
#include "engine/scene/scannetpp.h"
#include "engine/scene/view_policy.h"

#include <exception>
#include <optional>
#include <system_error>

#include <fmt/format.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

/// The name of a scene: that of its folder or, if a model was opened, that of its capture.
std::string name_of(const fs::path& folder, const FoundScene& found) {
    const fs::path full = full_path(folder);
    if (full.parent_path().filename() == "dslr" && is_of_scannetpp(full)) {
        return full.parent_path().parent_path().filename().string();  // ID/dslr/nerfstudio, ID/dslr/colmap.
    }
    if (found.reader == &colmap_reader()) {
        const fs::path capture = colmap_capture(full_path(found.file.parent_path()));
        const fs::path within = full.lexically_relative(capture);
        if (!within.empty() && *within.begin() != "..") {
            return capture.filename().string();
        }
    }
    return full.filename().string();
}

tl::unexpected<Error> not_a_scene(const fs::path& path, bool is_folder) {
    if (is_folder) {
        if (const auto above = scene_above(path)) {
            return fail(path.string(),
                        "holds photos of a scene; where they were taken from says " + above->cameras.string(),
                        "Open the scene: " + shell_word(above->open));
        }
        if (const auto below = scenes_below(path); !below.empty()) {
            std::vector<std::string> names;
            for (const fs::path& scene : below) {
                names.push_back(scene.lexically_relative(path).string());
            }
            return fail(path.string(),
                        fmt::format("holds {}: {}", counted(below.size(), "scene"), some_of(names)),
                        "Open one of them: " + shell_word(below.front()));
        }
        // Fewer than three photos determine no poses.
        if (auto elsewhere = photos_elsewhere(path, 3)) {
            return fail(path.string(), std::move(elsewhere->what), std::move(elsewhere->hint));
        }
    }
    if (const auto photos = folder_with_photos(path); is_folder && photos) {
        const std::size_t count = images_in(*photos).size();
        return fail(path.string(),
                    fmt::format("holds {}, but nothing that says where {} taken from",
                                counted(count, "photo"), count == 1 ? "it was" : "they were"),
                    "Let COLMAP find out with: lactscope poses " + shell_word(path));
    }
    std::string formats;
    for (const SceneReader* reader : scene_readers()) {
        formats += (formats.empty() ? "" : ", ") + std::string(reader->looked_for());
    }
    return fail(path.string(), fmt::format("is not a scene; looked for {}", formats),
                is_folder ? "Name the folder that holds such a file."
                          : "Name a scene folder, or the scene file in it.");
}

Result<SceneFiles> read_checked(const fs::path& path) {
    std::error_code code;
    const fs::file_status status = fs::status(path, code);
    if (!fs::exists(status)) {
        const bool absent = status.type() == fs::file_type::not_found;
        return fail(path.string(),
                    absent ? "does not exist" : "cannot be opened: " + system_reason(code.value()),
                    "Name a scene folder, or the scene file in it.");
    }
    if (const auto found = find_scene(path)) {
        LACT_TRY(SceneFiles scene, found->reader->read(found->file));
        scene.folder = fs::is_directory(status) ? path : path.parent_path();
        if (scene.folder.empty()) {
            scene.folder = ".";
        }
        stand_upright(scene);
        mark_outlying(scene);
        scene.name = printable_line(name_of(scene.folder, *found));
        scene.format = found->reader->format();
        return scene;
    }
    if (const auto below = scenes_below(path); below.size() == 1) {
        LACT_TRY(SceneFiles scene, read_checked(below.front()));
        const fs::path colmap = below.front().parent_path() / "colmap";
        const bool repeated = below.front() != colmap && repeats_scannetpp(colmap) && find_scene(colmap);
        scene.remarks.insert(
            scene.remarks.begin(),
            {RemarkKind::found_elsewhere,
             {},
             fmt::format(
                 "The scene lies in the folder {} of the opened one.{}",
                 below.front().lexically_relative(path).string(),
                 repeated ? " The folder colmap beside, which has the same cameras, is not read." : "")});
        return scene;
    }
    return not_a_scene(path, fs::is_directory(status));
}

}  // namespace

Result<SceneFiles> read_scene(const fs::path& path) {
    try {
        auto scene = read_checked(path);
        if (scene) {
            for (SceneRemark& remark : scene->remarks) {
                remark.text = printable_line(remark.text);
            }
        }
        return scene;
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be read as a scene: {}", error.what()));
    }
}

}  // namespace lact
