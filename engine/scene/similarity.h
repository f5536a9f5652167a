#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera_track.h"

#include <span>

#include <Eigen/Core>

namespace lact {

/// A similarity transform between worlds: x -> scale * rotation * x + translation.
struct Similarity {
    double scale = 1;
    Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();
    Eigen::Vector3d translation = Eigen::Vector3d::Zero();

    [[nodiscard]] Eigen::Vector3d operator()(const Eigen::Vector3d& point) const {
        return scale * (rotation * point) + translation;
    }
    /// The transformed pose of a camera; it stays rigid, since images do not depend on the scale.
    [[nodiscard]] Eigen::Matrix4d moved(const Eigen::Matrix4d& c2w) const;
    [[nodiscard]] Similarity inverse() const;
};
/// The composition: applies `second`, then `first`.
[[nodiscard]] Similarity operator*(const Similarity& first, const Similarity& second);

/// The similarity that maps each pose of `from` to the pose of the same index in `to`: the normalisation of
/// a scene (normalize.h), so that paths in the world of the scene file can follow. One camera, or several at
/// one position, determine no scale: it is then 1. Errors: no poses, different numbers, poses that no
/// similarity maps (beyond 1e-3 of their extent).
[[nodiscard]] Result<Similarity> similarity_between(std::span<const Eigen::Matrix4d> from,
                                                    std::span<const Eigen::Matrix4d> to);

/// The track transformed to the other world.
[[nodiscard]] CameraTrack moved(CameraTrack track, const Similarity& move);

}  // namespace lact
