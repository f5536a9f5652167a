#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera_track_import.h"

#include <filesystem>
#include <span>

#include <Eigen/Core>

namespace lact::app {

/// What other programs' camera paths need to stand in a scene that is open: from the world of the scene's
/// file to the one that is shown, whose poses (c2w, in the file's order) are `shown`. Errors of read_scene()
/// and similarity_between().
[[nodiscard]] Result<TrackImportOptions> track_import_options(const std::filesystem::path& scene,
                                                              std::span<const Eigen::Matrix4d> shown);

}  // namespace lact::app
