#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera_track.h"
#include "engine/scene/prepare.h"

#include <span>
#include <string_view>

namespace lact {

/// Ready-made camera tracks.
enum class TrackPreset {
    orbit,       ///< Once around the object, as orbit() in camera_path.h does; a loop.
    spiral,      ///< Twice around while coming nearer and rising, from well outside to close up.
    dolly,       ///< From the first camera's direction straight towards the focus.
    dolly_zoom,  ///< The same while the angle of view widens so that the object keeps its size.
    turntable,   ///< The released demo's turntable (released_turntable()); a loop.
    inputs,      ///< Through the given cameras in the order of timed_order().
};
[[nodiscard]] Result<TrackPreset> parse_track_preset(
    std::string_view text);  ///< "orbit|spiral|dolly|dolly-zoom|turntable|inputs"
[[nodiscard]] std::string_view to_string(TrackPreset preset);

/// The keys of a preset for these cameras (the input views; not empty, or only the turntable can be made)
/// over `seconds` (at least 0.1). `size` is that of the pictures: angles of view are those of cameras cropped
/// to it. Orbits and turntables of their keys stay within 0.1 % of their radius and 0.1 degrees of the
/// functions in camera_path.h that they stand for.
[[nodiscard]] Result<CameraTrack> preset_track(TrackPreset preset, std::span<const Camera> cameras, Size size,
                                               double seconds);

}  // namespace lact
