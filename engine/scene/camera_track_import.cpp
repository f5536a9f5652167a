// Formats as written by NVlabs/instant-ngp (src/camera_path.cu, nerf_loader.h) and nerfstudio
// (nerfstudio/viewer/render_panel.py; its former three.js viewer).
#include "engine/scene/camera_track_import.h"

#include "engine/core/counted.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/camera_track_json.h"
#include "engine/scene/flight.h"

#include <algorithm>
#include <cmath>
#include <exception>

#include <Eigen/Geometry>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Result<Eigen::VectorXd> read_numbers(const JsonField& field, std::size_t count) {
    if (!field.value().is_array() || field.value().size() != count) {
        return field.bad(fmt::format("is {}, a list of {} numbers was expected", field.shown(), count));
    }
    Eigen::VectorXd numbers(static_cast<Eigen::Index>(count));
    for (std::size_t i = 0; i < count; ++i) {
        LACT_TRY(numbers[static_cast<Eigen::Index>(i)], field.element(i).number());
    }
    return numbers;
}

/// An optional number with a default.
Result<double> number_or(const JsonField& json, std::string_view name, double otherwise) {
    const auto field = json.find(name);
    return field && !field->value().is_null() ? field->number() : Result<double>(otherwise);
}

bool is_true(const JsonField& json, std::string_view name) {
    const auto field = json.find(name);
    return field && field->value() == true;
}

/// Whether the times of the keys are usable, that is ascending; programs write 0 for "not set".
bool ascending(const std::vector<double>& times) {
    for (std::size_t i = 0; i < times.size(); ++i) {
        if (!(times[i] - (i > 0 ? times[i - 1] : 0.0) >= least_key_distance)) {
            return false;
        }
    }
    return !times.empty();
}

/// A pose with its rotation orthonormalised, as keys require.
TrackPose key_pose(const Eigen::Matrix4d& c2w, double fov_y) {
    Camera camera;
    camera.height = 1;
    camera.fy = 1;
    camera.c2w = c2w;
    return {track_pose_of(camera).c2w, fov_y};
}

// instant-ngp

/// Scale and offset by which instant-ngp puts a box into its unit cube; "aabb" goes before "scale" and
/// "offset".
Result<void> fit_box(const JsonField& box, double& scale, Eigen::Vector3d& offset) {
    if (!box.value().is_array() || box.value().size() != 2) {
        return box.bad(fmt::format("is {}, two corners of 3 numbers were expected", box.shown()));
    }
    LACT_TRY(const Eigen::VectorXd low, read_numbers(box.element(0), 3));
    LACT_TRY(const Eigen::VectorXd high, read_numbers(box.element(1), 3));
    scale = 1 / std::max(1e-6, (high - low).cwiseAbs().maxCoeff());
    const Eigen::Vector3d middle = 0.5 * (low + high);
    offset = Eigen::Vector3d::Constant(0.5) - scale * middle;
    return {};
}

/// From the world of instant-ngp to that of transforms.json.
Result<Similarity> ngp_to_scene(const fs::path& scene_file) {
    double scale = 0.33;
    Eigen::Vector3d offset = Eigen::Vector3d::Constant(0.5);
    bool cycled = true;
    if (!scene_file.empty()) {
        LACT_TRY(const Json value, parse_json_file(scene_file));
        const JsonField scene(value, scene_file.string(), {});
        const CameraAxes axes = camera_axes(scene);
        cycled = axes != CameraAxes::opencv;
        if (axes == CameraAxes::mitsuba) {
            return scene.bad(
                "is a scene from Mitsuba (\"from_mitsuba\" or \"normal_mts_args\"), whose camera paths are "
                "not read");
        }
        LACT_TRY(scale, number_or(scene, "scale", scale));
        if (!(scale > 0)) {
            return scene.bad(fmt::format("has the scale {}, more than 0 was expected", scale));
        }
        if (const auto field = scene.find_set("offset"); field && field->value().is_array()) {
            LACT_TRY(const Eigen::VectorXd numbers, read_numbers(*field, 3));
            offset = numbers;
        } else if (field) {
            LACT_TRY(const double all, field->number());
            offset.setConstant(all);
        }
        if (const auto box = scene.find_set("aabb")) {
            LACT_CHECK(fit_box(*box, scale, offset));
        }
    }
    Similarity move;
    if (cycled) {  // NeuS2's copy of the program does not permute the axes of "from_na".
        move.rotation << 0, 0, 1, 1, 0, 0, 0, 1, 0;  // (y, z, x) -> (x, y, z)
    }
    move.scale = 1 / scale;
    move.translation = -offset / scale;
    return move;
}

Result<TrackPose> read_ngp_pose(const JsonField& key) {
    LACT_TRY(const JsonField r, key.at("R"));
    LACT_TRY(const JsonField t, key.at("T"));
    LACT_TRY(const JsonField fov, key.at("fov"));
    LACT_TRY(const Eigen::VectorXd turn, read_numbers(r, 4));
    LACT_TRY(const Eigen::VectorXd place, read_numbers(t, 3));
    if (!(turn.norm() > 1e-3)) {
        return r.bad("is not a rotation: a quaternion x y z w was expected");
    }
    TrackPose pose;
    LACT_TRY(pose.fov_y, fov.number());
    pose.c2w.block<3, 3>(0, 0) =
        Eigen::Quaterniond(turn[3], turn[0], turn[1], turn[2]).normalized().toRotationMatrix();
    pose.c2w.block<3, 1>(0, 3) = place;
    return pose;
}

Result<TrackImport> read_ngp(const JsonField& top, const TrackImportOptions& options) {
    LACT_TRY(const Similarity move, ngp_to_scene(options.scene_file));
    LACT_TRY(const JsonField keys, top.at("path"));
    TrackImport out;
    out.format = TrackFormat::instant_ngp;
    std::vector<double> ends;  // Ends of the segments that begin at the keys.
    for (std::size_t i = 0; i < keys.value().size(); ++i) {
        const JsonField key = keys.element(i);
        LACT_TRY(TrackPose pose, read_ngp_pose(key));
        out.track.keys.push_back({0, std::move(pose), Easing::smooth});
        LACT_TRY(ends.emplace_back(), number_or(key, "timestamp", 0));
    }
    const std::size_t count = out.track.keys.size();
    if (!ascending(ends)) {
        for (std::size_t i = 0; i < count; ++i) {
            ends[i] = static_cast<double>(i + 1) * options.seconds_a_key;
        }
        out.notes.push_back(
            fmt::format("The keys have no times: they are spaced {} s apart.", options.seconds_a_key));
    }
    for (std::size_t i = 1; i < count; ++i) {
        out.track.keys[i].time = ends[i - 1];
    }
    out.track.loop = is_true(top, "loop");
    out.track.loop_seconds = count > 1 ? ends[count - 1] - ends[count - 2] : options.seconds_a_key;
    LACT_TRY(const double order, number_or(top, "spline_order", 3));
    if (order > 1) {
        out.notes.emplace_back(
            "The spline of instant-ngp does not pass through its keys; here the camera does.");
    } else {
        for (CameraKey& key : out.track.keys) {
            key.easing = order < 1 ? Easing::hold : Easing::linear;
        }
    }
    if (options.scene_file.empty()) {
        out.notes.emplace_back(
            "The path is assumed to lie in a world scaled by 0.33 and moved by 0.5, as "
            "instant-ngp does it by default.");
    }
    out.track = moved(std::move(out.track), move);
    return out;
}

// nerfstudio

Result<Similarity> read_move(const JsonField& field) {
    LACT_TRY(const Eigen::Matrix4d pose, read_pose(field));
    Similarity move;
    move.rotation = key_pose(pose, 50).c2w.block<3, 3>(0, 0);
    move.translation = pose.block<3, 1>(0, 3);
    return move;
}

Result<double> read_scale(const JsonField& json, std::string_view name) {
    LACT_TRY(const double scale, number_or(json, name, 1));
    if (!(scale > 1e-12)) {
        return json.bad(fmt::format("has the {} {}, more than 0 was expected", name, scale));
    }
    return scale;
}

/// From the training world of nerfstudio to that of transforms.json. nerfstudio rotates and centres the
/// original world (before "applied_transform"), then scales it.
Result<Similarity> nerfstudio_to_scene(const TrackImportOptions& options) {
    LACT_TRY(const Json parser_value, parse_json_file(options.dataparser_transforms));
    const JsonField parser(parser_value, options.dataparser_transforms.string(), {});
    LACT_TRY(const JsonField transform, parser.at("transform"));
    LACT_TRY(const Similarity turned, read_move(transform));
    Similarity scaled;
    LACT_TRY(scaled.scale, read_scale(parser, "scale"));
    Similarity applied;
    if (!options.scene_file.empty()) {
        LACT_TRY(const Json scene_value, parse_json_file(options.scene_file));
        const JsonField scene(scene_value, options.scene_file.string(), {});
        if (const auto field = scene.find("applied_transform")) {
            LACT_TRY(applied, read_move(*field));
        }
        Similarity grown;
        LACT_TRY(grown.scale, read_scale(scene, "applied_scale"));
        applied = grown * applied;
    }
    return applied * (scaled * turned).inverse();
}

/// A flattened pose with OpenGL axes: a row-major list, or a string that holds a column-major list
/// (three.js).
Result<Eigen::Matrix4d> read_flat_pose(const JsonField& field) {
    const bool by_columns = field.value().is_string();
    Json list = field.value();
    if (by_columns) {
        auto parsed = parse_json(field.value().get_ref<const std::string&>(), field.where());
        if (!parsed) {
            return field.bad("is not a list of 16 numbers");
        }
        list = std::move(*parsed);
    }
    LACT_TRY(const Eigen::VectorXd numbers, read_numbers(JsonField(list, field.where(), {}), 16));
    Eigen::Matrix4d pose =
        Eigen::Map<const Eigen::Matrix4d>(numbers.data());  // Column-major, as Eigen stores matrices.
    if (!by_columns) {
        pose.transposeInPlace();
    }
    const Json rows = pose_rows(pose);
    LACT_CHECK(read_pose(JsonField(rows, field.where(), {})));
    pose.col(1) *= -1;
    pose.col(2) *= -1;
    return pose;
}

Result<TrackPose> read_nerfstudio_pose(const JsonField& frame, std::string_view matrix, double default_fov) {
    LACT_TRY(const JsonField field, frame.at(matrix));
    LACT_TRY(const Eigen::Matrix4d c2w, read_flat_pose(field));
    LACT_TRY(const double fov, number_or(frame, "fov", default_fov));
    return key_pose(c2w, fov);
}

Result<void> read_keyframes(const JsonField& top, const JsonField& keys, TrackImport& out,
                            const TrackImportOptions& options) {
    LACT_TRY(const double fov, number_or(top, "default_fov", 50));
    // The older viewer writes the total duration and spaces the keys evenly.
    const auto count = static_cast<double>(keys.value().size());
    out.track.loop = is_true(top, "is_cycle");
    LACT_TRY(const double whole, number_or(top, "seconds", 0));
    const double steps = out.track.loop ? count : count - 1;
    const double even = whole > 0 && steps > 0 ? whole / steps : options.seconds_a_key;
    LACT_TRY(const double step, number_or(top, "default_transition_sec", even));
    double time = 0;
    for (std::size_t i = 0; i < keys.value().size(); ++i) {
        const JsonField key = keys.element(i);
        LACT_TRY(TrackPose pose, read_nerfstudio_pose(key, "matrix", fov));
        // Each key holds the duration of the segment before it; that of the first counts in a loop.
        double transition = step;
        if (is_true(key, "override_transition_enabled")) {
            LACT_TRY(transition, number_or(key, "override_transition_sec", step));
        }
        if (i == 0) {
            out.track.loop_seconds = transition;
        } else {
            time += transition;
        }
        out.track.keys.push_back({time, std::move(pose), Easing::smooth});
    }
    return {};
}

/// Reduces a file with finished frames only to keys.
Result<void> read_frames(const JsonField& top, const JsonField& frames, TrackImport& out) {
    LACT_TRY(const double fps, number_or(top, "fps", 24));
    if (!(fps >= 0.01 && fps <= 1000)) {
        return top.bad(fmt::format("has {} frames per second, 0.01 to 1000 were expected", fps));
    }
    std::vector<FlightSample> flight;
    double extent = 0;
    for (std::size_t i = 0; i < frames.value().size(); ++i) {
        LACT_TRY(TrackPose pose, read_nerfstudio_pose(frames.element(i), "camera_to_world", 50));
        flight.push_back({static_cast<double>(i) / fps, std::move(pose)});
        extent = std::max(extent, (flight.back().pose.c2w.col(3) - flight.front().pose.c2w.col(3)).norm());
    }
    FlightTolerance tolerance;
    tolerance.position = extent > 0 ? 1e-3 * extent : 1.0;
    LACT_TRY(out.track, track_of_flight(flight, tolerance));
    out.notes.push_back(fmt::format("The file has finished frames only; {} reduced to {}.",
                                    counted(flight.size(), "frame was", "frames were"),
                                    counted(out.track.keys.size(), "key")));
    return {};
}

Result<TrackImport> read_nerfstudio(const JsonField& top, const TrackImportOptions& options) {
    TrackImport out;
    out.format = TrackFormat::nerfstudio;
    if (const auto type = top.find("camera_type");
        type && type->value().is_string() && type->value() != "perspective") {
        return type->bad(fmt::format("is {}, a perspective camera was expected", type->shown()));
    }
    const auto keys = top.find("keyframes");
    if (keys && keys->value().is_array() && !keys->value().empty()) {
        LACT_CHECK(read_keyframes(top, *keys, out, options));
    } else {
        LACT_TRY(const JsonField frames, top.at("camera_path"));
        if (!frames.value().is_array() || frames.value().empty()) {
            return frames.bad(fmt::format("is {}, a list of frames was expected", frames.shown()));
        }
        LACT_CHECK(read_frames(top, frames, out));
    }
    if (options.dataparser_transforms.empty()) {
        out.notes.emplace_back(
            "nerfstudio rotates, centres and scales scenes; without its "
            "dataparser_transforms.json the path is assumed to lie in the world of the scene file.");
    } else {
        LACT_TRY(const Similarity move, nerfstudio_to_scene(options));
        out.track = moved(std::move(out.track), move);
    }
    return out;
}

Result<TrackImport> read_any(const JsonField& top, const TrackImportOptions& options) {
    if (top.find("format")) {
        TrackImport out;
        LACT_TRY(out.track, camera_track_from(top));
        return out;
    }
    if (!is_camera_track(top.value())) {
        return top.bad(
            "is not a camera path; looked for the fields of LaCT Scope (\"format\"), instant-ngp "
            "(\"path\") and nerfstudio (\"keyframes\", \"camera_path\")");
    }
    const bool ngp = top.value().contains("path") && top.value().at("path").is_array();
    LACT_TRY(TrackImport out, ngp ? read_ngp(top, options) : read_nerfstudio(top, options));
    out.track = moved(std::move(out.track), options.file_to_world);
    if (auto sound = check_track(out.track); !sound) {
        return top.bad(sound.error().where + " " + sound.error().what, sound.error().hint);
    }
    return out;
}

}  // namespace

bool is_camera_track(const nlohmann::json& json) {
    if (!json.is_object()) {
        return false;
    }
    // Other files have fields "path" and "format", too.
    const auto format = json.find("format");
    const auto path = json.find("path");
    return (format != json.end() && *format == camera_track_format) ||
           (path != json.end() && path->is_array()) || json.contains("keyframes") ||
           json.contains("camera_path");
}

std::string_view to_string(TrackFormat format) {
    switch (format) {
        case TrackFormat::instant_ngp:
            return "instant-ngp";
        case TrackFormat::nerfstudio:
            return "nerfstudio";
        default:
            return "lactscope";
    }
}

Result<TrackImport> import_camera_track(const fs::path& path, const TrackImportOptions& options) {
    LACT_TRY(const Json value, parse_track_file(path));
    try {
        return read_any(JsonField(value, path.string(), {}), options);
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be read as a camera path: {}", error.what()));
    }
}

}  // namespace lact
