#pragma once

#include "engine/scene/camera.h"

#include <span>

namespace lact {

/// A rotation, a scale and a shift of the world, applied to the poses of cameras.
struct Similarity {
    Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();
    double scale = 1;
    Eigen::Vector3d shift = Eigen::Vector3d::Zero();

    [[nodiscard]] Camera apply(Camera camera) const;
};

/// What `normalize` (engine/scene/normalize.h) does by itself to a capture with these cameras (not empty):
/// object captures come around the origin at a mean distance of 2.66, others into the frame of the mean pose.
/// As one similarity it serves further cameras of the same world, too, and none of them moves the others.
[[nodiscard]] Similarity normalization_of(std::span<const Camera> rig);

}  // namespace lact
