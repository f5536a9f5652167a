#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera_track.h"

#include <span>

#include <Eigen/Core>

namespace lact {

/// A move from one world to another: x -> scale * rotation * x + translation.
struct Similarity {
    double scale = 1;
    Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();
    Eigen::Vector3d translation = Eigen::Vector3d::Zero();

    [[nodiscard]] Eigen::Vector3d operator()(const Eigen::Vector3d& point) const {
        return scale * (rotation * point) + translation;
    }
    /// A camera's pose moved along; it stays rigid, as distances in pictures do not depend on scale.
    [[nodiscard]] Eigen::Matrix4d moved(const Eigen::Matrix4d& c2w) const;
    [[nodiscard]] Similarity inverse() const;
};
/// First `second`, then `first`.
[[nodiscard]] Similarity operator*(const Similarity& first, const Similarity& second);

/// The move that takes each pose of `from` to its like in `to`: what the normalisation of a scene
/// (normalize.h) did to its world, so that paths made in the world of the scene's file can follow. One
/// camera, or several in one place, fix no scale: it is then 1. Errors: no poses, different numbers, poses
/// that no such move joins (beyond 1e-3 of their extent).
[[nodiscard]] Result<Similarity> similarity_between(std::span<const Eigen::Matrix4d> from,
                                                    std::span<const Eigen::Matrix4d> to);

/// The track in the other world.
[[nodiscard]] CameraTrack moved(CameraTrack track, const Similarity& move);

}  // namespace lact
