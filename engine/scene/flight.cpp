#include "engine/scene/flight.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Geometry>
#include <fmt/format.h>

namespace lact {

namespace {

constexpr std::size_t most_samples = 1000000;

/// The distance of two poses in units of the tolerance: 1 is the limit.
double distance(const TrackPose& a, const TrackPose& b, const FlightTolerance& tolerance) {
    constexpr double degrees = 180 / std::numbers::pi;
    const double place = (a.c2w.block<3, 1>(0, 3) - b.c2w.block<3, 1>(0, 3)).norm();
    const Eigen::Matrix3d turn = a.c2w.block<3, 3>(0, 0).transpose() * b.c2w.block<3, 3>(0, 0);
    const double angle = degrees * Eigen::AngleAxisd(turn).angle();
    return std::max(
        {place / tolerance.position, angle / tolerance.angle, std::abs(a.fov_y - b.fov_y) / tolerance.fov});
}

std::vector<FlightSample> usable(std::span<const FlightSample> flight) {
    std::vector<FlightSample> samples;
    for (const FlightSample& sample : flight) {
        if (samples.empty() || sample.seconds - samples.back().seconds >= least_key_distance) {
            samples.push_back(sample);
        }
    }
    for (FlightSample& sample : samples) {
        sample.seconds -= flight.front().seconds;
    }
    return samples;
}

CameraTrack track_at(const std::vector<FlightSample>& samples, const std::vector<std::size_t>& keys) {
    CameraTrack track;
    for (const std::size_t i : keys) {
        track.keys.push_back({samples[i].seconds, samples[i].pose, Easing::smooth});
    }
    return track;
}

/// The worst sample of every interval between keys that exceeds the tolerance; empty if there is none.
std::vector<std::size_t> worst_samples(const std::vector<FlightSample>& samples,
                                       const std::vector<std::size_t>& keys, const TrackEvaluator& track,
                                       const FlightTolerance& tolerance) {
    std::vector<std::size_t> worst;
    for (std::size_t k = 0; k + 1 < keys.size(); ++k) {
        double farthest = 1;
        std::size_t which = 0;
        for (std::size_t i = keys[k] + 1; i < keys[k + 1]; ++i) {
            const double apart = distance(track.at(samples[i].seconds), samples[i].pose, tolerance);
            if (!(apart <= farthest)) {
                farthest = apart;
                which = i;
            }
        }
        if (which > 0) {
            worst.push_back(which);
        }
    }
    return worst;
}

}  // namespace

void add_flight_sample(std::vector<FlightSample>& flight, const FlightSample& now) {
    constexpr double interval = 0.03;  ///< Seconds between samples.
    if (!flight.empty()) {
        const FlightSample last = flight.back();
        if (now.seconds - last.seconds <= interval) {
            return;
        }
        if (now.seconds - last.seconds > 5 * interval && !(last.pose == now.pose)) {
            flight.push_back({now.seconds - interval, last.pose});
        }
    }
    flight.push_back(now);
}

Result<CameraTrack> track_of_flight(std::span<const FlightSample> flight, const FlightTolerance& tolerance) {
    if (flight.empty() || flight.size() > most_samples) {
        return fail("recorded flight",
                    fmt::format("has {} samples, 1 to {} were expected", flight.size(), most_samples));
    }
    const std::vector<FlightSample> samples = usable(flight);
    std::vector<std::size_t> keys{0};
    if (samples.size() > 1) {
        keys.push_back(samples.size() - 1);
    }
    for (;;) {
        CameraTrack track = track_at(samples, keys);
        LACT_TRY(const TrackEvaluator flown, TrackEvaluator::make(track));
        const std::vector<std::size_t> more = worst_samples(samples, keys, flown, tolerance);
        if (more.empty()) {
            return track;
        }
        keys.insert(keys.end(), more.begin(), more.end());
        std::sort(keys.begin(), keys.end());
        if (keys.size() > most_track_keys) {
            return fail("recorded flight",
                        fmt::format("needs more than {} keys for a deviation of {} units and {} degrees",
                                    most_track_keys, tolerance.position, tolerance.angle),
                        "Allow a larger deviation, or record a shorter flight.");
        }
    }
}

Result<FittedFlight> fit_flight(std::span<const FlightSample> flight, const FlightTolerance& tolerance) {
    constexpr double most_loosened = 1 << 12;  // More than half a turn.
    for (double loosened = 1;; loosened *= 2) {
        auto track = track_of_flight(
            flight, {loosened * tolerance.position, loosened * tolerance.angle, loosened * tolerance.fov});
        if (track) {
            return FittedFlight{std::move(*track), loosened};
        }
        if (loosened >= most_loosened) {
            return tl::unexpected<Error>(track.error());
        }
    }
}

}  // namespace lact
