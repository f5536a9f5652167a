#include "app/program/path_desk.h"

#include "app/core/actions.h"
#include "app/core/log.h"
#include "app/program/add_parameter.h"
#include "app/program/output_files.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/camera_track_import.h"
#include "engine/scene/camera_track_json.h"
#include "engine/scene/camera_track_presets.h"

#include <algorithm>

#include <fmt/format.h>

namespace lact::app {
namespace {

constexpr double seconds_a_key = 2;  ///< From one added key to the next.

}  // namespace

std::string PathDesk::no_scene() const {
    return services_.published->scene ? "" : "No scene is open.";
}

std::string PathDesk::no_path() const {
    return path().evaluator() ? "" : "There is no camera path: add keys, or take a preset.";
}

/// The camera where the path is at a time; a preview has one of its own.
void PathDesk::look_from(double time) {
    if (path().preview) {
        return;
    }
    const auto evaluator = path().evaluator();
    const auto& scene = services_.published->scene;
    if (!evaluator || !scene) {
        return;
    }
    ViewState& view = *services_.view;
    view.set_viewpoint(go_to(view.viewpoint(), evaluator->at(time, scene->size)));
    moves_ = view.moves();
}

void PathDesk::play() {
    const auto evaluator = path().evaluator();
    const double end = evaluator->start() + evaluator->duration();
    if (path().time < evaluator->start() || path().time >= end) {
        path().time = evaluator->start();
    }
    path().playing = true;
    path().play_from = path().time;
    path().play_began = clock_->now();
    advanced_at_ = clock_->now();
    look_from(path().time);
}

void PathDesk::advance() {
    PathState& state = path();
    ViewState& view = *services_.view;
    if (state.recording) {
        const double now = clock_->now() - state.record_began;
        const auto& scene = services_.published->scene;
        if (scene && (state.flight.empty() || now - state.flight.back().seconds > 0.03)) {
            state.flight.push_back({now, track_pose_of(view.viewpoint().camera(scene->size))});
        }
    }
    if (!state.playing) {
        return;
    }
    const auto evaluator = state.evaluator();
    if (!evaluator || (!state.preview && moves_ != view.moves())) {
        state.playing = false;  // The person took the camera, or the path is gone.
        return;
    }
    if (advanced_at_ == clock_->now()) {
        return;  // The clock stands: so does the camera.
    }
    advanced_at_ = clock_->now();
    state.time = state.play_from + clock_->now() - state.play_began;
    const double end = evaluator->start() + evaluator->duration();
    if (state.time >= end && !evaluator->closed()) {
        state.time = end;
        state.playing = false;
    }
    look_from(state.time);
}

Result<std::size_t> PathDesk::key_of(const nlohmann::json& with) const {
    const auto& key = with.at("key");
    const std::size_t count = path().track.keys.size();
    if (!key.is_number_integer() || key < 0 || key.get<std::size_t>() >= count) {
        return fail("path", fmt::format("key {} is not one of the {} keys", key.dump(), count),
                    "Keys are counted from 0.");
    }
    return key.get<std::size_t>();
}

/// The camera as it is now: at the end, or after the selected key.
Result<void> PathDesk::add_key() {
    PathState& state = path();
    ViewState& view = *services_.view;
    CameraKey key;
    key.pose = track_pose_of(view.viewpoint().camera(services_.published->scene->size));
    auto& keys = state.track.keys;
    const bool between = state.selected && *state.selected + 1 < keys.size();
    key.time = keys.empty() ? 0
               : between    ? (keys[*state.selected].time + keys[*state.selected + 1].time) / 2
                            : keys.back().time + seconds_a_key;
    const auto at = between ? keys.begin() + static_cast<std::ptrdiff_t>(*state.selected) + 1 : keys.end();
    CameraTrack changed = state.track;
    changed.keys.insert(changed.keys.begin() + (at - keys.begin()), key);
    LACT_CHECK(check_track(changed));
    state.selected = static_cast<std::size_t>(at - keys.begin());
    state.track = std::move(changed);
    state.time = key.time;
    return {};
}

Result<void> PathDesk::set_key(const nlohmann::json& with) {
    LACT_TRY(const std::size_t index, key_of(with));
    CameraTrack changed = path().track;
    CameraKey& key = changed.keys[index];
    if (with.contains("time") && with.at("time").is_number()) {
        key.time = with.at("time").get<double>();
    }
    if (with.contains("fov") && with.at("fov").is_number()) {
        key.pose.fov_y = with.at("fov").get<double>();
    }
    if (with.contains("easing")) {
        LACT_TRY(key.easing, parse_easing(with.at("easing").is_string() ? with.at("easing").get<std::string>()
                                                                        : with.at("easing").dump()));
    }
    if (with.contains("here") && with.at("here") == true) {
        key.pose = track_pose_of(services_.view->viewpoint().camera(services_.published->scene->size));
    }
    if (with.contains("c2w")) {
        const JsonField rows(with.at("c2w"), "path.set_key", "c2w");
        LACT_TRY(key.pose.c2w, read_pose(rows));
    }
    LACT_CHECK(check_track(changed));
    path().track = std::move(changed);
    return {};
}

Result<void> PathDesk::remove_key(const nlohmann::json& with) {
    LACT_TRY(const std::size_t index, key_of(with));
    auto& keys = path().track.keys;
    keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(index));
    path().selected.reset();
    path().playing = false;
    return {};
}

Result<void> PathDesk::make_preset(const nlohmann::json& with) {
    LACT_TRY(const TrackPreset preset,
             parse_track_preset(with.at("preset").is_string() ? with.at("preset").get<std::string>()
                                                              : with.at("preset").dump()));
    const double seconds =
        with.contains("seconds") && with.at("seconds").is_number() ? with.at("seconds").get<double>() : 8.0;
    const SceneSummary& scene = *services_.published->scene;
    LACT_TRY(path().track, preset_track(preset, scene.cameras(scene.inputs), scene.size, seconds));
    path().selected.reset();
    path().playing = false;
    path().time = path().track.keys.front().time;
    return {};
}

Result<void> PathDesk::save(const nlohmann::json& with) const {
    const auto file = output_path(with, "path", "json");
    LACT_CHECK(write_camera_track(file, path().track));
    services_.log->say(Severity::note, "saved the camera path", file.string());
    return {};
}

/// From the world of the scene's file to the one that is shown: the poses before and after say it.
Result<TrackImportOptions> PathDesk::import_options() const {
    const SceneSummary& shown = *services_.published->scene;
    TrackImportOptions options;
    LACT_TRY(const Scene file, read_scene(shown.path));
    std::vector<Eigen::Matrix4d> before;
    std::vector<Eigen::Matrix4d> after;
    for (std::size_t i = 0; i < std::min(file.views.size(), shown.views.size()); ++i) {
        before.push_back(file.views[i].camera.c2w);
        after.push_back(shown.views[i].camera.c2w);
    }
    LACT_TRY(options.file_to_world, similarity_between(before, after));
    const auto folder = std::filesystem::is_directory(shown.path) ? shown.path : shown.path.parent_path();
    if (std::error_code none; std::filesystem::is_regular_file(folder / "transforms.json", none)) {
        options.scene_file = folder / "transforms.json";
    }
    return options;
}

Result<void> PathDesk::load(const nlohmann::json& with) {
    LACT_TRY(const TrackImportOptions options, import_options());
    LACT_TRY(const TrackImport import, import_camera_track(with.at("path").get<std::string>(), options));
    for (const std::string& note : import.notes) {
        services_.log->say(Severity::note, note, "camera path");
    }
    path().track = import.track;
    path().selected.reset();
    path().playing = false;
    path().time = path().track.keys.front().time;
    return {};
}

Result<void> PathDesk::end_flight() {
    PathState& state = path();
    state.recording = false;
    const auto flight = std::exchange(state.flight, {});
    const double scale = services_.view->viewpoint().scale;
    LACT_TRY(state.track, track_of_flight(flight, {0.004 * scale, 0.25, 0.25}));
    state.selected.reset();
    state.time = 0;
    return {};
}

Result<void> PathDesk::add_editing(ActionTable& actions) {
    const auto scene = [this] { return no_scene(); };
    LACT_CHECK(actions.add({"path.add_key",
                            "Add a key",
                            "Ctrl+K",
                            "Add the camera as it is now to the path: after the selected key, or at the end.",
                            "Path",
                            {},
                            scene,
                            [this](const nlohmann::json&) { return add_key(); }}));
    LACT_CHECK(actions.add({"path.set_key",
                            "Change a key",
                            "",
                            "Time in seconds, vertical angle of view in degrees, easing, pose, or the camera "
                            "as it is now.",
                            "Path",
                            {{"key", "its number from 0", true},
                             {"time", "seconds", false},
                             {"fov", "degrees", false},
                             {"easing", "smooth, linear, ease-in, ease-out, ease-in-out, hold", false},
                             {"c2w", "its pose: 4 rows of 4 numbers", false},
                             {"here", "true: the camera as it is now", false}},
                            scene,
                            [this](const nlohmann::json& with) { return set_key(with); }}));
    LACT_CHECK(actions.add({"path.remove_key",
                            "Remove a key",
                            "",
                            "Take a key out of the path.",
                            "Path",
                            {{"key", "its number from 0", true}},
                            scene,
                            [this](const nlohmann::json& with) { return remove_key(with); }}));
    LACT_CHECK(actions.add({"path.clear",
                            "Clear the path",
                            "",
                            "Remove all keys.",
                            "Path",
                            {},
                            [this] { return path().track.keys.empty() ? "There are no keys." : ""; },
                            [this](const nlohmann::json&) -> Result<void> {
                                path() = PathState{};
                                return {};
                            }}));
    return actions.add({"path.preset",
                        "Take a preset path",
                        "",
                        "Orbit, spiral, dolly, dolly zoom, the released demo's turntable, or through the "
                        "input cameras.",
                        "Path",
                        {{"preset", "orbit, spiral, dolly, dolly-zoom, turntable or inputs", true},
                         {"seconds", "8 if not given", false}},
                        scene,
                        [this](const nlohmann::json& with) { return make_preset(with); }});
}

Result<void> PathDesk::add_flying(ActionTable& actions) {
    const auto needs_path = [this] { return no_path(); };
    LACT_CHECK(actions.add({"path.play",
                            "Fly the path / stop",
                            "P",
                            "Fly along the path from where one is on it; again: stop.",
                            "Path",
                            {},
                            needs_path,
                            [this](const nlohmann::json&) -> Result<void> {
                                if (path().playing) {
                                    path().playing = false;
                                } else {
                                    play();
                                }
                                return {};
                            }}));
    LACT_CHECK(actions.add({"path.go_to_key",
                            "Go to a key",
                            "",
                            "Look from a key of the path.",
                            "Path",
                            {{"key", "its number from 0", true}},
                            needs_path,
                            [this](const nlohmann::json& with) -> Result<void> {
                                LACT_TRY(const std::size_t key, key_of(with));
                                path().selected = key;
                                path().playing = false;
                                path().time = path().evaluator()->key_times()[key];
                                look_from(path().time);
                                return {};
                            }}));
    return actions.add({"path.record_flight",
                        "Record a flight / stop",
                        "",
                        "Record where you fly as a path; again: stop, and reduce it to few keys.",
                        "Path",
                        {},
                        [this] { return no_scene(); },
                        [this](const nlohmann::json&) -> Result<void> {
                            if (path().recording) {
                                return end_flight();
                            }
                            path().playing = false;
                            path().flight.clear();
                            path().recording = true;
                            path().record_began = clock_->now();
                            return {};
                        }});
}

Result<void> PathDesk::add_files(ActionTable& actions) {
    LACT_CHECK(actions.add({"path.save",
                            "Save the path",
                            "",
                            "Save the camera path as JSON.",
                            "Path",
                            {{"path", "JSON file to write", false}},
                            [this] { return no_path(); },
                            [this](const nlohmann::json& with) { return save(with); }}));
    return actions.add({"path.load",
                        "Load a path",
                        "",
                        "Load a camera path: ours, instant-ngp's or nerfstudio's JSON.",
                        "Path",
                        {{"path", "JSON file", true}},
                        [this] { return no_scene(); },
                        [this](const nlohmann::json& with) { return load(with); }});
}

Result<void> PathDesk::add_actions(ActionTable& actions) {
    LACT_CHECK(add_editing(actions));
    LACT_CHECK(add_flying(actions));
    return add_files(actions);
}

Result<void> PathDesk::add_parameters(ParameterTable& parameters) {
    using Json = nlohmann::json;
    const AddParameter add{parameters};
    LACT_CHECK(add(
        "path.time", "Time on the path", "Path", "Where on the camera path one looks from, in seconds.",
        [this]() -> Domain {
            const auto evaluator = path().evaluator();
            const double start = evaluator ? evaluator->start() : 0;
            return Numbers{start, evaluator ? start + evaluator->duration() : 0};
        },
        0.0, [this] { return Json(path().time); },
        [this](const Json& value) {
            path().playing = false;
            path().time = value.get<double>();
            look_from(path().time);
        }));
    LACT_CHECK(add(
        "path.loop", "Loop", "Path", "After the last key comes the first again.", always(Switch{}), false,
        [this] { return Json(path().track.loop); },
        [this](const Json& value) { path().track.loop = value.get<bool>(); }));
    LACT_CHECK(add(
        "path.constant_speed", "Constant speed", "Path",
        "The camera moves at one pace from the first key to the last, whatever the keys' times between say.",
        always(Switch{}), false, [this] { return Json(path().track.constant_speed); },
        [this](const Json& value) { path().track.constant_speed = value.get<bool>(); }));
    LACT_CHECK(add(
        "path.preview", "Preview", "Path",
        "Fly the path with a second camera, whose picture is in the view's corner; the view stays.",
        always(Switch{}), false, [this] { return Json(path().preview); },
        [this](const Json& value) {
            path().preview = value.get<bool>();
            moves_ = services_.view->moves();
        }));
    LACT_CHECK(add(
        "path.handle", "Handle", "Path", "What the handle on the selected key does in the overview.",
        always(Choices{{"move", "turn"}}), "move",
        [this] { return Json(path().turn_handle ? "turn" : "move"); },
        [this](const Json& value) { path().turn_handle = value == "turn"; }));
    LACT_CHECK(add(
        "record.what", "Record", "Recording", "The whole window, or the viewport alone.",
        always(Choices{{"window", "view"}}), "window", [this] { return Json(services_.view->record.what); },
        [this](const Json& value) { services_.view->record.what = value.get<std::string>(); }));
    LACT_CHECK(add(
        "record.format", "Format", "Recording",
        "Of a film without a name: MP4 (H.264), an animated GIF (256 colours, at most 50 frames a second, "
        "plays "
        "anywhere), or a folder of numbered PNG pictures.",
        always(Choices{{"mp4", "gif", "png"}}), "mp4", [this] { return Json(services_.view->record.format); },
        [this](const Json& value) { services_.view->record.format = value.get<std::string>(); }));
    LACT_CHECK(add(
        "record.fps", "Frames a second", "Recording", "Of the film; frames are exact however long they take.",
        always(Numbers{1, 240}), 30.0, [this] { return Json(services_.view->record.fps); },
        [this](const Json& value) { services_.view->record.fps = value.get<double>(); }));
    LACT_CHECK(add(
        "record.quality", "Rate factor", "Recording",
        "MP4: x264's constant rate factor: 0 is lossless, 18 hardly to be told from it, 51 the worst.",
        always(WholeNumbers{0, 51}), 18, [this] { return Json(services_.view->record.quality); },
        [this](const Json& value) { services_.view->record.quality = value.get<int>(); }));
    LACT_CHECK(add(
        "record.width", "Width", "Recording", "Of the recorded window, in pixels.",
        always(WholeNumbers{320, 7680}), 1280, [this] { return Json(services_.view->record.width); },
        [this](const Json& value) { services_.view->record.width = value.get<int>(); }));
    LACT_CHECK(add(
        "record.height", "Height", "Recording", "Of the recorded window, in pixels.",
        always(WholeNumbers{240, 4320}), 800, [this] { return Json(services_.view->record.height); },
        [this](const Json& value) { services_.view->record.height = value.get<int>(); }));
    return add(
        "record.seconds", "Seconds", "Recording", "How long; 0: until path and script have ended.",
        always(Numbers{0, 3600}), 0.0, [this] { return Json(services_.view->record.seconds); },
        [this](const Json& value) { services_.view->record.seconds = value.get<double>(); });
}

}  // namespace lact::app
