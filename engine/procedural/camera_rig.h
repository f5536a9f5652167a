#pragma once

#include "engine/procedural/world.h"
#include "engine/scene/camera.h"

namespace lact {

/// View `index` of the cameras of a world, for pictures of `size` x `size`: the same whatever the number of
/// views. Any run of views, and with luck any subset, goes around the target. Not normalised.
[[nodiscard]] Camera rig_camera(const CameraRig& rig, std::uint64_t seed, int index, int size);

}  // namespace lact
