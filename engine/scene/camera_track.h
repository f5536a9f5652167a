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

/// What a camera track says about one moment: where the camera stands and how wide it looks.
struct TrackPose {
    Eigen::Matrix4d c2w = Eigen::Matrix4d::Identity();  ///< As Camera::c2w.
    double fov_y = 50;  ///< Vertical angle of view in degrees: that of a whole picture's height.
    friend bool operator==(const TrackPose&, const TrackPose&) = default;
};

/// The camera with square pixels and the principal point in the middle that sees `pose` at a size.
[[nodiscard]] Camera camera_of(const TrackPose& pose, Size size);
/// Pose and vertical angle of view of a camera; what a shifted principal point or pixels that are not square
/// add is left out.
[[nodiscard]] TrackPose track_pose_of(const Camera& camera);

/// A camera at a moment of a track.
struct CameraKey {
    double time = 0;  ///< Seconds; any origin.
    TrackPose pose;
    Easing easing = Easing::smooth;  ///< Of the way from here to the next key.
    friend bool operator==(const CameraKey&, const CameraKey&) = default;
};

/// A key-framed camera path: what is edited, saved and flown. Plain data; TrackEvaluator flies it.
struct CameraTrack {
    std::vector<CameraKey> keys;  ///< In order of time.
    bool loop = false;            ///< After the last key comes the first again, `loop_seconds` later.
    double loop_seconds = 1;
    /// The camera moves at one pace from the first to the last key (or around the loop). Keys between are
    /// passed when the way brings the camera there, whatever their times and easings say.
    bool constant_speed = false;
    friend bool operator==(const CameraTrack&, const CameraTrack&) = default;
};

/// Limits of a track that can be flown.
inline constexpr std::size_t most_track_keys = 10000;
inline constexpr double least_key_distance = 1e-3;  ///< Seconds between neighbouring keys.
inline constexpr double largest_track_time = 1e6;   ///< Seconds, either side of 0.
inline constexpr double least_fov_y = 1;            ///< Degrees.
inline constexpr double largest_fov_y = 170;

/// Whether it can be flown. Errors name the key (counted from 1) and the value: no keys, too many, times that
/// are not finite, equal or descending, angles of view out of range, poses that are not rigid.
[[nodiscard]] Result<void> check_track(const CameraTrack& track);

/// The one way a track becomes cameras, in the window as in every command: a pure function of the seconds, in
/// double precision. Positions lie on a centripetal Catmull-Rom spline, rotations on a quaternion spline with
/// continuous angular velocity (pose_spline.h), the logarithm of the focal length on a monotone cubic; each
/// is gone through in time without overshoot (monotone_map.h). So a key's time changes when the camera is
/// somewhere, never where the way runs.
class TrackEvaluator {
  public:
    /// Errors of check_track().
    [[nodiscard]] static Result<TrackEvaluator> make(const CameraTrack& track);

    /// The pose at a time; exactly a key's at its time (but in tracks of constant speed: at its key_times()).
    /// Before the start and after the end that of the first and last key; a loop goes on for ever both ways.
    [[nodiscard]] TrackPose at(double seconds) const;
    [[nodiscard]] Camera at(double seconds, Size size) const { return camera_of(at(seconds), size); }

    [[nodiscard]] double start() const { return times_.front(); }
    /// Of the first key's time; with the way back to it in a loop. 0 for one key.
    [[nodiscard]] double duration() const { return times_.back() - times_.front(); }
    /// When the camera is at each key, and for a loop when it is back at the first.
    [[nodiscard]] const std::vector<double>& key_times() const { return times_; }
    /// Whether the end is the start: a loop of several keys.
    [[nodiscard]] bool closed() const { return loop_; }
    /// Length of the way that the position travels, in world units.
    [[nodiscard]] double length() const;

  private:
    TrackEvaluator() = default;
    void measure(const CameraTrack& track, std::vector<Easing>& easings);
    [[nodiscard]] double place_at(double seconds) const;

    bool loop_ = false;
    std::vector<TrackPose> poses_;  ///< Of the keys; the first again at the end of a loop.
    std::vector<double> times_;
    PositionSpline positions_;
    RotationSpline rotations_;
    MonotoneMap place_;  ///< Time to the parameter of positions_, where the speed is not constant.
    MonotoneMap turn_;   ///< Time to the parameter of rotations_.
    MonotoneMap zoom_;   ///< Time to the logarithm of the focal length in picture heights.
    bool constant_speed_ = false;
    std::vector<bool> moves_;         ///< Of each segment: whether its position moves.
    std::vector<double> parameters_;  ///< A fine grid of positions_' parameter, with the length of the way up
    std::vector<double> lengths_;     ///< to each of its points.
};

/// The cameras of a film: `frames` moments from the start, evenly to the end (the last frame is the last key;
/// in a loop the end is the start and is left out).
[[nodiscard]] std::vector<Camera> video_cameras(const TrackEvaluator& track, int frames, Size size);

///< "smooth|linear|ease-in|ease-out|ease-in-out|hold"
[[nodiscard]] std::string_view to_string(Easing easing);

}  // namespace lact
