#include "app/commands/path_controller.h"

#include "app/commands/command_table.h"
#include "app/commands/interaction_recorder.h"
#include "app/commands/output_files.h"
#include "app/commands/parameter_table.h"
#include "app/document/open_target.h"
#include "app/runtime/log.h"
#include "engine/core/counted.h"
#include "engine/scene/camera_track_import.h"
#include "engine/scene/camera_track_json.h"
#include "engine/scene/camera_track_presets.h"
#include "engine/scene/scene_files.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr double seconds_a_key = 2;  ///< Time between added keys.

}  // namespace

std::string PathController::no_scene() const {
    return services_.snapshot->scene ? "" : "No scene is open.";
}

std::string PathController::no_path() const {
    return path().evaluator() ? "" : "There is no camera path: add keys, or use a preset.";
}

/// Moves the camera to the path at a time, in seconds. A preview has a camera of its own.
void PathController::move_to(double time) {
    if (path().preview) {
        return;
    }
    const auto evaluator = path().evaluator();
    const auto& scene = services_.snapshot->scene;
    if (!evaluator || !scene) {
        return;
    }
    Document& view = *services_.document;
    view.set_viewpoint(go_to(view.viewpoint(), evaluator->at(time, scene->size)));
    moves_ = view.moves();
}

void PathController::play() {
    const auto evaluator = path().evaluator();
    const double end = evaluator->start() + evaluator->duration();
    if (path().time < evaluator->start() || path().time >= end) {
        path().time = evaluator->start();
    }
    path().playing = true;
    path().play_from = path().time;
    path().play_began = clock_->now();
    advanced_at_ = clock_->now();
    move_to(path().time);
}

double PathController::seconds_left() const {
    const auto evaluator = path().evaluator();
    if (!path().playing || !evaluator) {
        return 0;
    }
    const double begun = path().play_from - evaluator->start();
    return std::max(
        0.0, evaluator->duration() - (evaluator->closed() ? 0 : begun) - (clock_->now() - path().play_began));
}

void PathController::advance() {
    PathState& state = path();
    Document& view = *services_.document;
    if (state.recording) {
        if (const auto& scene = services_.snapshot->scene) {
            add_flight_sample(state.flight, {clock_->now() - state.record_began,
                                             track_pose_of(view.viewpoint().camera(scene->size))});
        }
    }
    if (!state.playing) {
        return;
    }
    const auto evaluator = state.evaluator();
    if (!evaluator || (!state.preview && moves_ != view.moves())) {
        state.playing = false;  // The user moved the camera, or the path is gone.
        return;
    }
    if (advanced_at_ == clock_->now()) {
        return;  // The clock is held: so is the camera.
    }
    advanced_at_ = clock_->now();
    state.time = state.play_from + clock_->now() - state.play_began;
    const double end = evaluator->start() + evaluator->duration();
    if (state.time >= end && !evaluator->closed()) {
        state.time = end;
        state.playing = false;
    } else if (state.time >= end && evaluator->duration() > 0) {
        state.time = evaluator->start() + std::fmod(state.time - evaluator->start(), evaluator->duration());
    }
    move_to(state.time);
}

Result<std::size_t> PathController::key_index(std::uint64_t key) const {
    const std::size_t count = path().track.keys.size();
    if (key >= count) {
        return fail("path", fmt::format("there is no key {}: the path has {}", key, counted(count, "key")),
                    "Keys are counted from 0.");
    }
    return key;
}

/// Adds the current camera: at the end, or after the selected key.
Result<void> PathController::add_key() {
    PathState& state = path();
    Document& view = *services_.document;
    CameraKey key;
    key.pose = track_pose_of(view.viewpoint().camera(services_.snapshot->scene->size));
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

Result<void> PathController::set_key(const SetPathKey& set) {
    LACT_TRY(const std::size_t index, key_index(set.key));
    CameraTrack changed = path().track;
    CameraKey& key = changed.keys[index];
    key.time = set.time.value_or(key.time);
    key.pose.fov_y = set.fov.value_or(key.pose.fov_y);
    if (set.easing) {
        LACT_TRY(key.easing, parse_easing(*set.easing));
    }
    if (set.here.value_or(false)) {
        key.pose = track_pose_of(services_.document->viewpoint().camera(services_.snapshot->scene->size));
    }
    key.pose.c2w = set.c2w.value_or(key.pose.c2w);
    LACT_CHECK(check_track(changed));
    path().track = std::move(changed);
    path().clamp_time();
    return {};
}

Result<void> PathController::remove_key(const RemovePathKey& remove) {
    LACT_TRY(const std::size_t index, key_index(remove.key));
    auto& keys = path().track.keys;
    keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(index));
    path().selected.reset();
    path().playing = false;
    path().clamp_time();
    return {};
}

Result<void> PathController::use_preset(const UsePathPreset& use) {
    LACT_TRY(const TrackPreset preset, parse_track_preset(use.preset));
    const SceneSummary& scene = *services_.snapshot->scene;
    LACT_TRY(path().track,
             preset_track(preset, scene.cameras(scene.inputs), scene.size, use.seconds.value_or(8)));
    services_.document->saved.track = path().track;  // As long as it is not edited, nothing can be lost.
    path().selected.reset();
    path().playing = false;
    path().time = path().track.keys.front().time;
    return {};
}

Result<void> PathController::save(const SavePath& save) const {
    const auto file = destination(
        *services_.document, save.path,
        {"Save the camera path", SavePath::id, "path", camera_path_extension, {}, "path", {"json"}});
    if (!file) {
        return {};
    }
    LACT_CHECK(write_camera_track(*file, path().track));
    services_.document->saved.track = path().track;
    services_.dispatch->log().wrote("saved the camera path", *file);
    return {};
}

Result<void> PathController::load(const LoadPath& load) {
    const SceneSummary& scene = *services_.snapshot->scene;
    std::vector<Eigen::Matrix4d> file;
    std::vector<Eigen::Matrix4d> shown;
    for (const ViewSummary& view : scene.views) {
        file.push_back(view.file_pose);
        shown.push_back(view.camera.c2w);
    }
    LACT_TRY(const TrackImportOptions options, track_import_options(scene.folder, file, shown));
    LACT_TRY(const TrackImport import, import_camera_track(load.path, options));
    for (const std::string& note : import.notes) {
        services_.dispatch->log().say(Severity::note, note, "camera path");
    }
    path().track = import.track;
    services_.document->saved.track = import.track;
    path().selected.reset();
    path().playing = false;
    path().time = path().track.keys.front().time;
    return {};
}

Result<void> PathController::end_flight() {
    PathState& state = path();
    state.recording = false;
    const double scale = services_.document->viewpoint().scale;
    LACT_TRY(FittedFlight flown, fit_flight(state.flight, {0.004 * scale, 0.25, 0.25}));
    state.flight.clear();
    state.track = std::move(flown.track);
    state.selected.reset();
    state.time = 0;
    if (flown.loosened > 1) {
        services_.dispatch->log().say(
            Severity::note, "the flight was recorded" + loosened_text(flown.loosened), "camera path");
    }
    return {};
}

Result<void> PathController::add_editing(CommandTable& commands) {
    const auto scene = [this] { return no_scene(); };
    LACT_CHECK(commands.add<AddPathKey>(
        {"Add a key", "Ctrl+K", "Add the current camera to the path: after the selected key, or at the end.",
         "Record"},
        scene, [this] { return add_key(); }));
    LACT_CHECK(commands.add<SetPathKey>(
        {"Change a key", "",
         "Set the time in seconds, vertical angle of view in degrees, easing or pose of "
         "a key, or the current camera.",
         "Record"},
        scene, [this](const SetPathKey& set) { return set_key(set); }));
    LACT_CHECK(
        commands.add<RemovePathKey>({"Remove a key", "", "Remove a key from the path.", "Record"}, scene,
                                    [this](const RemovePathKey& remove) { return remove_key(remove); }));
    LACT_CHECK(commands.add<ClearPath>(
        {"Clear the path", "", "Remove all keys.", "Record"},
        [this] { return path().track.keys.empty() ? "There are no keys." : ""; },
        [this] {
            path().track = {};
            path().selected.reset();
            path().time = 0;
            path().playing = false;
        }));
    return commands.add<UsePathPreset>(
        {"Use a preset path", "",
         "Orbit, spiral, dolly, dolly zoom, the turntable of the released demo, or a "
         "path through the input cameras.",
         "Record"},
        scene, [this](const UsePathPreset& use) { return use_preset(use); });
}

Result<void> PathController::add_playing(CommandTable& commands) {
    const auto needs_path = [this] { return no_path(); };
    LACT_CHECK(commands.add<PlayPath>(
        {"Play the path / stop", "P", "Move the camera along the path from the current time; again: stop.",
         "Record"},
        needs_path, [this] {
            if (path().playing) {
                path().playing = false;
            } else {
                play();
            }
        }));
    LACT_CHECK(commands.add<GoToPathKey>({"Go to a key", "", "Move to a key of the path.", "Record"},
                                         needs_path, [this](const GoToPathKey& go) -> Result<void> {
                                             LACT_TRY(const std::size_t key, key_index(go.key));
                                             path().selected = key;
                                             path().playing = false;
                                             path().time = path().evaluator()->key_times()[key];
                                             move_to(path().time);
                                             return {};
                                         }));
    return commands.add<RecordFlight>(
        {"Record a flight / stop", "",
         "Record the camera's motion as a camera path; again: stop, and reduce it to few keys.", "Record"},
        [this] { return no_scene(); },
        [this]() -> Result<void> {
            if (path().recording) {
                return end_flight();
            }
            path().playing = false;
            path().flight.clear();
            path().recording = true;
            path().record_began = clock_->now();
            return {};
        });
}

Result<void> PathController::add_files(CommandTable& commands) {
    LACT_CHECK(commands.add<SavePath>(
        {"Save the path ...", "", "Save the camera path as JSON.", "Record"}, [this] { return no_path(); },
        [this](const SavePath& to) { return save(to); }));
    return commands.add<LoadPath>(
        {"Load a path", "", "Load a camera path from JSON: of this program, instant-ngp or nerfstudio.",
         "Record"},
        [this] { return no_scene(); }, [this](const LoadPath& from) { return load(from); });
}

Result<void> PathController::add_commands(CommandTable& commands) {
    LACT_CHECK(add_editing(commands));
    LACT_CHECK(add_playing(commands));
    return add_files(commands);
}

Result<void> PathController::add_parameters(ParameterTable& parameters) {
    const AddParameter add{parameters};
    LACT_CHECK(add(
        "path.time", "Time on the path", "Path", "Time of the camera on the path, in seconds.", Effect::shows,
        [this]() -> Domain {
            const auto evaluator = path().evaluator();
            const double start = evaluator ? evaluator->start() : 0;
            return Numbers{start, evaluator ? start + evaluator->duration() : 0};
        },
        0.0, [this] { return ParameterValue(path().time); },
        [this](const ParameterValue& value) {
            path().playing = false;
            path().time = value.get<double>();
            move_to(path().time);
        }));
    LACT_CHECK(add(
        "path.loop", "Loop", "Path", "The path returns from the last key to the first.", Effect::shows,
        always(Switch{}), false, [this] { return ParameterValue(path().track.loop); },
        [this](const ParameterValue& value) {
            path().track.loop = value.get<bool>();
            path().clamp_time();
        }));
    LACT_CHECK(add(
        "path.loop_seconds", "Return time", "Path", "Seconds from the last key to the first one in a loop.",
        Effect::shows, always(Numbers{0.01, 3600}), 1.0,
        [this] { return ParameterValue(path().track.loop_seconds); },
        [this](const ParameterValue& value) {
            path().track.loop_seconds = value.get<double>();
            path().clamp_time();
        }));
    LACT_CHECK(add(
        "path.constant_speed", "Constant speed", "Path",
        "The camera moves at constant speed from the first key to the last; times of keys between do not "
        "count.",
        Effect::shows, always(Switch{}), false,
        [this] { return ParameterValue(path().track.constant_speed); },
        [this](const ParameterValue& value) { path().track.constant_speed = value.get<bool>(); }));
    LACT_CHECK(add(
        "path.preview", "Preview", "Path",
        "Play the path with a second camera, rendered in the corner of the view; the camera of the view "
        "stays.",
        Effect::shows, always(Switch{}), false, [this] { return ParameterValue(path().preview); },
        [this](const ParameterValue& value) {
            path().preview = value.get<bool>();
            moves_ = services_.document->moves();
        }));
    return add(
        "path.handle", "Handle", "Path",
        "Whether the handle on the selected key moves or turns it in the Overview panel.", Effect::shows,
        always(Choices{{"move", "turn"}}), "move",
        [this] { return ParameterValue(path().turn_handle ? "turn" : "move"); },
        [this](const ParameterValue& value) { path().turn_handle = value == "turn"; });
}

Result<TrackImportOptions> track_import_options(const std::filesystem::path& folder,
                                                std::span<const Eigen::Matrix4d> file,
                                                std::span<const Eigen::Matrix4d> shown) {
    TrackImportOptions options;
    LACT_TRY(options.file_to_world, similarity_between(file, shown));
    const auto transforms = folder / "transforms.json";
    if (std::error_code none; std::filesystem::is_regular_file(transforms, none)) {
        options.scene_file = transforms;
    }
    return options;
}

}  // namespace lact::app
