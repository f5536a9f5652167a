#include "app/document/open_target.h"

#include "app/document/session_file.h"
#include "app/runtime/find_poses.h"
#include "app/video/provenance.h"
#include "engine/core/counted.h"
#include "engine/core/file_descriptor.h"
#include "engine/core/file_kind.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/camera_track_import.h"
#include "engine/scene/json_field.h"
#include "engine/scene/path_text.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/reader.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr std::string_view understood =
    "Open a scene folder (with opencv_cameras.json, transforms.json or COLMAP's sparse/0), its JSON file, a "
    "folder of photos, a weight file (.safetensors or .pt), a script (a list of steps, .lactscript or "
    ".json), a camera path (.lactpath or .json), a session (.lactscope or .json, or an image or video that "
    "this program saved), or the folder of a training run.";

OpenTarget unknown(const std::filesystem::path& path, const std::string& why) {
    std::error_code ignored;
    return {OpenKind::unknown,
            path,
            path.string() + " " + why + ". " + std::string(understood),
            0,
            why,
            std::filesystem::is_directory(path, ignored)};
}

/// JSON by its name: of any program, or one of ours.
bool is_json_name(const std::filesystem::path& path, std::string_view extension) {
    return has_json_extension(path) || extension == "." + std::string(session_extension) ||
           extension == "." + std::string(script_extension) ||
           extension == "." + std::string(camera_path_extension);
}

/// Says of a file what it is, and the step that gives what can be opened.
OpenTarget unknown_file(const std::filesystem::path& path, Error reason) {
    const Error error = refused_file(path, FileUse::text, std::move(reason));
    OpenTarget target = unknown(path, error.what);
    if (!error.hint.empty()) {
        target.sentence = fmt::format("{} {}.\n{}\n{}", path.string(), error.what, error.hint, understood);
    }
    return target;
}

/// Weights by their names, or by their content under any other name.
bool are_weights(const std::filesystem::path& path, const std::string& extension) {
    if (extension == ".safetensors" || extension == ".pt" || is_shard_index(path)) {
        return true;
    }
    const FileKind kind = sniff_file(path).kind;
    return kind == FileKind::safetensors || kind == FileKind::torch_zip || kind == FileKind::torch_script ||
           kind == FileKind::legacy_torch;
}

/// A folder that is neither a scene nor a training run: above a scene, of photos, or unknown.
OpenTarget dispatch_folder(const std::filesystem::path& path) {
    if (const auto below = scenes_below(path); below.size() == 1) {
        return {OpenKind::scene, path, {}};
    } else if (!below.empty()) {
        return unknown(path, fmt::format("holds {}; the first is {}", counted(below.size(), "scene"),
                                         below.front().lexically_relative(path).string()));
    }
    if (const auto above = scene_above(path)) {
        return unknown(path, "holds photos of a scene, whose poses are in " + above->cameras.string() +
                                 ": open " + above->open.string());
    }
    if (const auto elsewhere = photos_elsewhere(path, fewest_photos_to_place)) {
        return unknown(path, elsewhere->what + ". " + elsewhere->hint);
    }
    const auto photos = folder_with_photos(path);
    if (!photos) {
        return unknown(path, "is a folder without a scene");
    }
    const std::size_t count = images_in(*photos).size();
    if (count < fewest_photos_to_place) {
        return unknown(
            path, fmt::format("holds {}, but no camera poses; to find the poses takes at least {} photos",
                              counted(count, "photo"), fewest_photos_to_place));
    }
    return {OpenKind::photos, path, {}, count};
}

}  // namespace

std::string typed_path(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    constexpr std::string_view scheme = "file://";
    const std::size_t start = std::min(text.find_first_not_of(blanks), text.size());
    text.remove_prefix(start);
    text = text.substr(0, text.find_last_not_of(blanks) + 1);
    if (text == "~" || text.starts_with("~/")) {
        const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe)
        return home == nullptr ? std::string(text) : home + std::string(text.substr(1));
    }
    if (!text.starts_with(scheme)) {
        return std::string(text);
    }
    text.remove_prefix(scheme.size());
    text.remove_prefix(std::min(text.find('/'), text.size()));  // The host: localhost.
    const std::string path(text);
    return percent_decoded(path).value_or(path);
}

OpenTarget dispatch_path(const std::filesystem::path& path) {
    std::error_code problem;
    const auto status = std::filesystem::status(path, problem);
    if (path.empty() || !std::filesystem::exists(status)) {
        const bool absent = path.empty() || status.type() == std::filesystem::file_type::not_found;
        return unknown(path, absent ? "is not there" : "cannot be opened: " + system_reason(problem.value()));
    }
    const std::string extension = lower_extension(path);
    const bool file = !std::filesystem::is_directory(status);
    // A file of COLMAP is told by its name: its first bytes, a count, may look like those of weights.
    if (file && !is_colmap_name(path) && are_weights(path, extension)) {
        return {OpenKind::weights, path, {}};
    }
    if (find_scene(path)) {
        return {OpenKind::scene, path, {}};
    }
    if (!file && std::filesystem::is_regular_file(path / "run.json", problem)) {
        return {OpenKind::training, path, {}};
    }
    if (!file) {
        return dispatch_folder(path);
    }
    if (may_carry_provenance(path)) {
        const auto about = read_provenance(path);
        return about && about->contains("session")
                   ? OpenTarget{OpenKind::session, path, {}}
                   : unknown(path, about ? "carries no session of this program" : about.error().what);
    }
    if (!is_json_name(path, extension)) {
        return unknown_file(path, {"is not a kind of file this program opens", {}, {}, false});
    }
    const auto json = parse_json_file(path);
    if (!json) {
        const Error& error = json.error();
        return unknown_file(path, {"is no readable JSON (" + error.what + ")", {}, error.hint, false});
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
