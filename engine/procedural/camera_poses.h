#pragma once

#include "engine/procedural/world.h"
#include "engine/scene/camera.h"
#include "engine/scene/similarity.h"

#include <span>

namespace lact {

/// View `index` of the cameras of a world, for pictures of `size` x `size`: the same whatever the number of
/// views. Any run of views, and with luck any subset, goes around the target. Not normalised.
[[nodiscard]] Camera rig_camera(const CameraRig& rig, std::uint64_t seed, int index, int size);

/// What `normalize` (engine/scene/normalize.h) does by itself to a capture with these cameras (not empty):
/// object captures come around the origin at a mean distance of 2.66, others into the frame of the mean pose.
/// As one similarity it serves further cameras of the same world, too, and none of them moves the others.
[[nodiscard]] Similarity normalization_of(std::span<const Camera> rig);
/// The camera in the other world.
[[nodiscard]] Camera moved(Camera camera, const Similarity& move);

}  // namespace lact
