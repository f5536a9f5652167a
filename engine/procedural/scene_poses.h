#pragma once

#include "engine/scene/camera.h"
#include "engine/scene/similarity.h"

#include <span>

namespace lact {

/// What `normalize` (engine/scene/normalize.h) does by itself to a capture with these cameras (not empty):
/// object captures come around the origin at a mean distance of 2.66, others into the frame of the mean pose.
/// As one similarity it serves further cameras of the same world, too, and none of them moves the others.
[[nodiscard]] Similarity normalization_of(std::span<const Camera> rig);
/// The camera in the other world.
[[nodiscard]] Camera moved(Camera camera, const Similarity& move);

}  // namespace lact
