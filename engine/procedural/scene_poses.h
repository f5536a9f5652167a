#pragma once

#include "engine/scene/camera.h"

#include <span>
#include <vector>

namespace lact {

/// The cameras of a generated scene brought into the frame that `normalize` (engine/scene/normalize.h) gives
/// a capture by the cameras `rig`: of object captures around their common point at a mean distance of 2.66,
/// of others the mean pose. One similarity for all, so that further cameras do not move earlier ones. `rig`
/// not empty.
[[nodiscard]] std::vector<Camera> normalized_scene_cameras(std::span<const Camera> cameras,
                                                           std::span<const Camera> rig);

}  // namespace lact
