#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera.h"
#include "engine/scene/monotone_map.h"
#include "engine/scene/pose_spline.h"
#include "engine/scene/prepare.h"

#include <cstddef>
#include <string_view>
#include <vector>

#include <Eigen/Core>

namespace lact {

/// Pose and vertical field of view of a camera track at one time.
struct TrackPose {
    Eigen::Matrix4d c2w = Eigen::Matrix4d::Identity();  ///< As Camera::c2w.
    double fov_y = 50;  ///< Vertical field of view in degrees, for the full height of the image.
    friend bool operator==(const TrackPose&, const TrackPose&) = default;
};

/// The camera of `pose` at a size, with square pixels and the principal point in the centre.
[[nodiscard]] Camera camera_of(const TrackPose& pose, Size size);
/// Pose and vertical field of view of a camera. Drops an off-centre principal point and non-square pixels.
[[nodiscard]] TrackPose track_pose_of(const Camera& camera);

/// A camera at one time of a track.
struct CameraKey {
    double time = 0;  ///< Seconds; any origin.
    TrackPose pose;
    Easing easing = Easing::smooth;  ///< Easing of the segment from this key to the next.
    friend bool operator==(const CameraKey&, const CameraKey&) = default;
};

/// A key-framed camera path as plain data, edited and saved. TrackEvaluator evaluates it.
struct CameraTrack {
    std::vector<CameraKey> keys;  ///< In ascending order of time.
    bool loop = false;            ///< The first key follows the last one, `loop_seconds` later.
    double loop_seconds = 1;
    /// The camera moves at constant speed from the first to the last key (or around the loop). The times and
    /// easings of the keys between have no effect.
    bool constant_speed = false;
    friend bool operator==(const CameraTrack&, const CameraTrack&) = default;
};

/// Limits of a valid track.
inline constexpr std::size_t most_track_keys = 10000;
inline constexpr double least_key_distance = 1e-3;  ///< Seconds between neighbouring keys.
inline constexpr double largest_track_time = 1e6;   ///< Seconds, either side of 0.
inline constexpr double least_fov_y = 1;            ///< Degrees.
inline constexpr double largest_fov_y = 170;

/// Checks that the track can be evaluated. Errors name the key (counted from 1) and the value: no keys, too
/// many keys, times that are not finite and ascending, field of view out of range, poses that are not rigid.
[[nodiscard]] Result<void> check_track(const CameraTrack& track);

/// Evaluates a track: the only path from a track to cameras, in the window and in every command. A pure
/// function of time in double precision. Positions lie on a centripetal Catmull-Rom spline, rotations on a
/// quaternion spline with continuous angular velocity (pose_spline.h), the logarithm of the focal length on
/// a monotone cubic. Each is traversed in time without overshoot (monotone_map.h). Hence the time of a key
/// changes when the camera passes, never the curve.
class TrackEvaluator {
  public:
    /// Errors: those of check_track().
    [[nodiscard]] static Result<TrackEvaluator> make(const CameraTrack& track);

    /// The pose at a time; exactly the pose of a key at its time (with constant speed, at its key_times()).
    /// Before the start and after the end, the pose of the first and last key; a loop is periodic.
    [[nodiscard]] TrackPose at(double seconds) const;
    [[nodiscard]] Camera at(double seconds, Size size) const { return camera_of(at(seconds), size); }

    [[nodiscard]] double start() const { return times_.front(); }
    /// From the first to the last key, including the return in a loop; 0 for one key.
    [[nodiscard]] double duration() const { return times_.back() - times_.front(); }
    /// The time at which the camera passes each key and, in a loop, returns to the first.
    [[nodiscard]] const std::vector<double>& key_times() const { return times_; }
    /// Whether the track is a loop of several keys.
    [[nodiscard]] bool closed() const { return loop_; }
    /// Length of the curve of positions, in world units.
    [[nodiscard]] double length() const;

  private:
    TrackEvaluator() = default;
    void measure(const CameraTrack& track, std::vector<Easing>& easings);
    [[nodiscard]] double place_at(double seconds) const;

    bool loop_ = false;
    std::vector<TrackPose> poses_;  ///< Poses of the keys; the first one again at the end of a loop.
    std::vector<double> times_;
    PositionSpline positions_;
    RotationSpline rotations_;
    MonotoneMap place_;  ///< Time -> parameter of positions_, if the speed is not constant.
    MonotoneMap turn_;   ///< Time -> parameter of rotations_.
    MonotoneMap zoom_;   ///< Time -> logarithm of the focal length in image heights.
    bool constant_speed_ = false;
    std::vector<bool> moves_;         ///< Per segment: whether the position moves.
    std::vector<double> parameters_;  ///< A fine grid of the parameter of positions_.
    std::vector<double> lengths_;     ///< Arc length up to each point of the grid.
};

/// The cameras of a video: `frames` times, evenly spaced from the start to the end. The last frame is the
/// last key; in a loop the end equals the start and is left out.
[[nodiscard]] std::vector<Camera> video_cameras(const TrackEvaluator& track, int frames, Size size);

/// "smooth", "linear", "ease-in", "ease-out", "ease-in-out" or "hold".
[[nodiscard]] std::string_view to_string(Easing easing);

}  // namespace lact
