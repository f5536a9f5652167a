#include "engine/scene/camera_track_json.h"

#include "engine/core/files.h"
#include "engine/core/text_file.h"
#include "engine/scene/camera_fields.h"

#include <exception>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact {

namespace {

Result<bool> read_flag(const JsonField& json, std::string_view name) {
    const auto field = json.find(name);
    if (!field) {
        return false;
    }
    if (!field->value().is_boolean()) {
        return field->bad(fmt::format("is {}, true or false was expected", field->shown()));
    }
    return field->value().get<bool>();
}

Result<void> check_version(const JsonField& json) {
    LACT_TRY(const JsonField format, json.at("format"));
    if (format.value() != camera_track_format) {
        return format.bad(fmt::format("is {}, \"{}\" was expected", format.shown(), camera_track_format));
    }
    LACT_TRY(const JsonField version, json.at("version"));
    LACT_TRY(const double number, version.number());
    if (number != camera_track_version) {
        return version.bad(
            fmt::format("is {}, this program reads version {}", number, camera_track_version),
            number > camera_track_version ? "It was written by a newer program: update this one." : "");
    }
    return {};
}

Result<CameraKey> read_key(const JsonField& json) {
    CameraKey key;
    LACT_TRY(const JsonField time, json.at("time"));
    LACT_TRY(key.time, time.number());
    LACT_TRY(const JsonField fov, json.at("fov_y_degrees"));
    LACT_TRY(const JsonField pose, json.at("c2w"));
    Camera camera;
    LACT_TRY(camera.c2w, read_pose(pose));
    camera.height = 1;
    camera.fy = 1;
    key.pose = track_pose_of(camera);  // Orthonormalises the rotation.
    LACT_TRY(key.pose.fov_y, fov.number());
    if (const auto field = json.find("easing")) {
        LACT_TRY(const std::string text, field->text());
        const auto easing = parse_easing(text);
        if (!easing) {
            return field->bad(easing.error().what);
        }
        key.easing = *easing;
    }
    return key;
}

}  // namespace

nlohmann::json to_json(const CameraTrack& track) {
    nlohmann::json keys = nlohmann::json::array();
    for (const CameraKey& key : track.keys) {
        keys.push_back({{"time", key.time},
                        {"fov_y_degrees", key.pose.fov_y},
                        {"easing", std::string(to_string(key.easing))},
                        {"c2w", pose_rows(key.pose.c2w)}});
    }
    return {{"format", camera_track_format},
            {"version", camera_track_version},
            {"loop", track.loop},
            {"loop_seconds", track.loop_seconds},
            {"constant_speed", track.constant_speed},
            {"keys", std::move(keys)}};
}

Result<CameraTrack> camera_track_from(const JsonField& json) {
    LACT_CHECK(check_version(json));
    CameraTrack track;
    LACT_TRY(track.loop, read_flag(json, "loop"));
    LACT_TRY(track.constant_speed, read_flag(json, "constant_speed"));
    if (const auto field = json.find("loop_seconds")) {
        LACT_TRY(track.loop_seconds, field->number());
    }
    LACT_TRY(const JsonField keys, json.at("keys"));
    if (!keys.value().is_array()) {
        return keys.bad(fmt::format("is {}, a list was expected", keys.shown()));
    }
    if (keys.value().size() > most_track_keys) {
        return keys.bad(
            fmt::format("has {} keys, at most {} are allowed", keys.value().size(), most_track_keys));
    }
    for (std::size_t i = 0; i < keys.value().size(); ++i) {
        LACT_TRY(CameraKey key, read_key(keys.element(i)));
        track.keys.push_back(key);
    }
    if (auto sound = check_track(track); !sound) {
        return fail(json.where() + ": " + sound.error().where, sound.error().what, sound.error().hint);
    }
    return track;
}

Result<nlohmann::json> parse_track_file(const std::filesystem::path& path) {
    std::error_code code;
    const auto size = std::filesystem::file_size(path, code);
    if (!code && size > largest_track_file) {
        return fail(path.string(), fmt::format("has {} MB; a camera path has at most {}", size >> 20,
                                               largest_track_file >> 20));
    }
    return parse_json_file(path);
}

Result<CameraTrack> read_camera_track(const std::filesystem::path& path) {
    LACT_TRY(const nlohmann::json json, parse_track_file(path));
    try {
        return camera_track_from(JsonField(json, path.string(), {}));
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be read as a camera path: {}", error.what()));
    }
}

Result<void> write_camera_track(const std::filesystem::path& path, const CameraTrack& track) {
    LACT_CHECK(check_track(track));
    try {
        return write_file_atomically(path, dump_json(to_json(track), 1) + "\n");
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be written: {}", error.what()));
    }
}

}  // namespace lact
