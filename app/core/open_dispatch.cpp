#include "app/core/open_dispatch.h"

#include "app/core/find_poses.h"
#include "app/core/session_file.h"
#include "app/video/read_provenance.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/camera_track_import.h"
#include "engine/scene/json_field.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/reader.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace lact::app {
namespace {

constexpr std::string_view understood =
    "Open a scene folder (with opencv_cameras.json, transforms.json or COLMAP's sparse/0), its JSON file, a "
    "folder of photos, a weight file (.safetensors or .pt), a script (a JSON list of steps), a camera path "
    "(JSON), a session (or "
    "a picture or film that this program recorded), or the folder of a training run.";

OpenTarget unknown(const std::filesystem::path& path, const std::string& why) {
    return {OpenKind::unknown, path, path.string() + " " + why + ". " + std::string(understood)};
}

std::string lower_extension(const std::filesystem::path& path) {
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension;
}

bool is_scene(const std::filesystem::path& path) {
    const auto readers = scene_readers();
    return std::any_of(readers.begin(), readers.end(),
                       [&](const SceneReader* reader) { return reader->detect(path).has_value(); });
}

/// A folder that is nothing else: of photos, perhaps.
OpenTarget dispatch_folder(const std::filesystem::path& path) {
    const auto photos = folder_with_photos(path);
    if (!photos) {
        return unknown(path, "is a folder without a scene");
    }
    const std::size_t count = pictures_in(*photos).size();
    if (count < fewest_photos_to_place) {
        return unknown(path,
                       fmt::format("holds {} photo{}, but nothing that says where {} taken from; to find "
                                   "that out takes at least {} photos",
                                   count, count == 1 ? "" : "s", count == 1 ? "it was" : "they were",
                                   fewest_photos_to_place));
    }
    return {OpenKind::photos, path, {}, count};
}

}  // namespace

OpenTarget dispatch_path(const std::filesystem::path& path) {
    std::error_code problem;
    const auto status = std::filesystem::status(path, problem);
    if (path.empty() || !std::filesystem::exists(status)) {
        return unknown(path, "is not there");
    }
    const std::string extension = lower_extension(path);
    const bool file = !std::filesystem::is_directory(status);
    if (file && (extension == ".safetensors" || extension == ".pt")) {
        return {OpenKind::weights, path, {}};
    }
    if (is_scene(path)) {
        return {OpenKind::scene, path, {}};
    }
    if (!file && std::filesystem::is_regular_file(path / "run.json", problem)) {
        return {OpenKind::training, path, {}};
    }
    if (!file) {
        return dispatch_folder(path);
    }
    if (extension == ".png" || extension == ".mp4" || extension == ".gif") {
        const auto about = read_provenance(path);
        return about && about->contains("session")
                   ? OpenTarget{OpenKind::session, path, {}}
                   : unknown(path, "does not say what made it: there is no session in it");
    }
    if (!has_json_extension(path)) {
        return unknown(path, "is a file of another kind");
    }
    const auto json = parse_json_file(path);
    if (!json) {
        return unknown(path, "is no readable JSON (" + json.error().what + ")");
    }
    if (is_session(*json)) {
        return {OpenKind::session, path, {}};
    }
    if (is_camera_track(*json)) {
        return {OpenKind::camera_path, path, {}};
    }
    return json->is_array() ? OpenTarget{OpenKind::script, path, {}}
                            : unknown(path, "is JSON, but neither a scene nor a script nor a camera path");
}

}  // namespace lact::app
