#include "engine/scene/camera_track_presets.h"

#include "engine/scene/camera_path.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <utility>

#include <fmt/format.h>

namespace lact {
namespace {

constexpr int keys_around = 24;  ///< Keys per circle.

constexpr std::array<std::pair<std::string_view, TrackPreset>, 6> preset_names{
    {{"orbit", TrackPreset::orbit},
     {"spiral", TrackPreset::spiral},
     {"dolly", TrackPreset::dolly},
     {"dolly-zoom", TrackPreset::dolly_zoom},
     {"turntable", TrackPreset::turntable},
     {"inputs", TrackPreset::inputs}}};

/// A loop of keys on a closed curve over turns in [0, 1].
CameraTrack closed_track(double seconds, const std::function<Camera(double turn)>& camera_at) {
    CameraTrack track;
    track.loop = true;
    track.loop_seconds = seconds / keys_around;
    for (int i = 0; i < keys_around; ++i) {
        const double turn = static_cast<double>(i) / keys_around;
        track.keys.push_back({seconds * turn, track_pose_of(camera_at(turn)), Easing::smooth});
    }
    return track;
}

CameraTrack spiral(const OrbitFit& fit, double seconds) {
    constexpr int turns = 2;
    constexpr int count = turns * keys_around;
    // On an arc the spiral oscillates over it; there are no cameras elsewhere.
    CameraTrack track;
    for (int i = 0; i <= count; ++i) {
        const double part = static_cast<double>(i) / count;
        Camera camera = fit.lens;
        const double phase = 2 * std::numbers::pi * turns * part;
        const double azimuth = fit.middle + (fit.full ? phase : fit.half_arc * std::sin(phase));
        const double elevation = std::clamp(fit.elevation + (part - 0.5) * std::numbers::pi / 6,
                                            -0.45 * std::numbers::pi, 0.45 * std::numbers::pi);
        camera.c2w = look_at_focus(fit.frame, azimuth, elevation, fit.radius * std::lerp(1.25, 0.7, part));
        track.keys.push_back({seconds * part, track_pose_of(camera), Easing::smooth});
    }
    return track;
}

/// From 1.3 times the distance of the cameras to 0.65 times. `keep_size`: the field of view widens as the
/// distance shrinks, so that the object at the focus keeps its size ("dolly zoom").
CameraTrack dolly(const OrbitFit& fit, double seconds, bool keep_size) {
    constexpr int count = 8;
    constexpr double far = 1.3;
    constexpr double near = 0.65;
    CameraTrack track;
    for (int i = 0; i <= count; ++i) {
        const double part = static_cast<double>(i) / count;
        const double distance = std::lerp(far, near, part);
        Camera camera = fit.lens;
        camera.c2w = look_at_focus(fit.frame, fit.middle, fit.elevation, fit.radius * distance);
        if (keep_size) {
            camera.fy *= distance;
        }
        track.keys.push_back({seconds * part, track_pose_of(camera), Easing::smooth});
    }
    track.keys.front().easing = Easing::ease_in;
    track.keys[track.keys.size() - 2].easing = Easing::ease_out;
    return track;
}

CameraTrack through_inputs(std::span<const Camera> cameras, Size size, double seconds) {
    const TimedOrder timed = timed_order(cameras);
    CameraTrack track;
    const double whole = timed.times.back() > 0 ? timed.times.back() : 1.0;
    // Keeps the minimum interval between keys: cameras at one position would have equal times.
    const double least = 2 * least_key_distance;
    double last = -least;
    for (std::size_t i = 0; i < timed.order.size() && i < most_track_keys; ++i) {
        const Camera& camera = cameras[timed.order[i]];
        last = std::max(seconds * (timed.times[i] / whole), last + least);
        const Camera fitted = apply(cover_crop({camera.width, camera.height}, size), camera, size);
        track.keys.push_back({last, track_pose_of(fitted), Easing::smooth});
    }
    return track;
}

}  // namespace

Result<TrackPreset> parse_track_preset(std::string_view text) {
    for (const auto& [name, preset] : preset_names) {
        if (name == text) {
            return preset;
        }
    }
    return fail("camera path", fmt::format("'{}' is not one of orbit, spiral, dolly, dolly-zoom, turntable, "
                                           "inputs",
                                           text));
}

std::string_view to_string(TrackPreset preset) {
    for (const auto& [name, value] : preset_names) {
        if (value == preset) {
            return name;
        }
    }
    return "orbit";
}

Result<CameraTrack> preset_track(TrackPreset preset, std::span<const Camera> cameras, Size size,
                                 double seconds) {
    if (!(seconds >= 0.1 && seconds <= largest_track_time)) {
        return fail("camera path",
                    fmt::format("takes {} s, 0.1 to {:g} were expected", seconds, largest_track_time));
    }
    if (preset == TrackPreset::turntable) {
        return closed_track(seconds, [&](double turn) { return released_turntable_at(turn, size); });
    }
    if (cameras.empty()) {
        return fail("camera path", fmt::format("the preset {} needs cameras", to_string(preset)),
                    "Open a scene first.");
    }
    const OrbitFit fit = fit_orbit(cameras, size);
    CameraTrack track;
    switch (preset) {
        case TrackPreset::orbit:
            track = closed_track(seconds, [&](double turn) { return orbit_at(fit, turn); });
            break;
        case TrackPreset::spiral:
            track = spiral(fit, seconds);
            break;
        case TrackPreset::dolly:
        case TrackPreset::dolly_zoom:
            track = dolly(fit, seconds, preset == TrackPreset::dolly_zoom);
            break;
        default:
            track = through_inputs(cameras, size, seconds);
    }
    for (CameraKey& key : track.keys) {
        key.pose.fov_y = std::clamp(key.pose.fov_y, least_fov_y, largest_fov_y);
    }
    LACT_CHECK(check_track(track));
    return track;
}

}  // namespace lact
