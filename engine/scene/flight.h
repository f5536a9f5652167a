#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera_track.h"

#include <span>
#include <vector>

namespace lact {

/// One moment of a recorded flight.
struct FlightSample {
    double seconds = 0;
    TrackPose pose;
};

/// Adds where the camera is now, unless the last sample is hardly older. `seconds` never fall. After a time
/// without samples the camera counts as having stood still until just before now: nobody saw it move.
void add_flight_sample(std::vector<FlightSample>& flight, const FlightSample& now);

/// How far the track may be from the flight at its samples.
struct FlightTolerance {
    double position = 0.01;  ///< World units.
    double angle = 0.25;     ///< Degrees between rotations.
    double fov = 0.25;       ///< Degrees.
};

/// A recorded flight as few keys: more are added where the track is farthest from the flight (as Douglas and
/// Peucker do for lines) until every sample is met within the tolerance. Samples that are not
/// least_key_distance later than the last used one are dropped. The track starts at 0 seconds. Errors: no
/// samples, more than a million, what check_track() refuses, and a flight that needs too many keys.
[[nodiscard]] Result<CameraTrack> track_of_flight(std::span<const FlightSample> flight,
                                                  const FlightTolerance& tolerance = {});

}  // namespace lact
