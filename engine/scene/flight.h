#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera_track.h"

#include <span>
#include <vector>

namespace lact {

/// One sample of a recorded flight.
struct FlightSample {
    double seconds = 0;
    TrackPose pose;
};

/// Adds the current camera, unless the last sample is less than 0.03 s old. `seconds` never decrease. After
/// a gap without samples the camera counts as at rest until just before the new sample.
void add_flight_sample(std::vector<FlightSample>& flight, const FlightSample& now);

/// Allowed deviation of the track from the samples of the flight.
struct FlightTolerance {
    double position = 0.01;  ///< World units.
    double angle = 0.25;     ///< Degrees between rotations.
    double fov = 0.25;       ///< Degrees.
};

/// Reduces a recorded flight to few keys: adds keys at the largest deviation (as Douglas and Peucker do for
/// polylines) until every sample is within the tolerance. Skips samples less than least_key_distance after
/// the last one used. The track starts at 0 seconds. Errors: no samples, more than a million samples, those
/// of check_track(), a flight that needs too many keys.
[[nodiscard]] Result<CameraTrack> track_of_flight(std::span<const FlightSample> flight,
                                                  const FlightTolerance& tolerance = {});

/// A track and by which factor the tolerance had to be enlarged for it.
struct FittedFlight {
    CameraTrack track;
    double loosened = 1;
};
/// track_of_flight() with a tolerance that is doubled until the keys suffice, so that no flight is lost for
/// being long and winding. Errors: the others of track_of_flight().
[[nodiscard]] Result<FittedFlight> fit_flight(std::span<const FlightSample> flight,
                                              const FlightTolerance& tolerance);

}  // namespace lact
