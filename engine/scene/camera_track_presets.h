#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera_track.h"
#include "engine/scene/prepare.h"

#include <span>
#include <string_view>

namespace lact {

/// Predefined camera tracks.
enum class TrackPreset {
    orbit,       ///< One turn around the object, as orbit() in camera_path.h; a loop.
    spiral,      ///< Two turns while approaching and rising, from far to near.
    dolly,       ///< Straight towards the focus, from the direction of the first camera.
    dolly_zoom,  ///< A dolly with a widening field of view that keeps the size of the object.
    turntable,   ///< The turntable of the released demo (released_turntable()); a loop.
    inputs,      ///< Through the cameras in the order of timed_order().
};
[[nodiscard]] Result<TrackPreset> parse_track_preset(
    std::string_view text);  ///< "orbit|spiral|dolly|dolly-zoom|turntable|inputs"
[[nodiscard]] std::string_view to_string(TrackPreset preset);

/// The keys of a preset for these cameras (the input views; without cameras only the turntable is possible),
/// over `seconds` (at least 0.1). `size` is the image size: the field of view is that of the cameras cropped
/// to it. Orbit and turntable deviate from the functions in camera_path.h by at most 0.1 % of the radius and
/// 0.1 degrees.
[[nodiscard]] Result<CameraTrack> preset_track(TrackPreset preset, std::span<const Camera> cameras, Size size,
                                               double seconds);

}  // namespace lact
