#pragma once

#include "engine/scene/colmap_model.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

namespace lact {

/// A folder that may hold the photos of a COLMAP model.
struct ColmapPhotos {
    std::filesystem::path path;
    int levels = 0;           ///< Above the model.
    bool reduced = false;     ///< By its name: images_4.
    std::size_t found = 0;    ///< Photos of the model in it,
    std::size_t exact = 0;    ///< of these under the very names that the model gives.
    bool right_size = false;  ///< Most of the first photos have the size of their cameras.
};

/// The number that a name is, as COLMAP calls the models of one run; nothing if it is none.
[[nodiscard]] std::optional<unsigned long> number_of(const std::filesystem::path& name);

/// The folder of the capture that a model belongs to: above sparse/0, colmap/sparse/0 and the like.
[[nodiscard]] std::filesystem::path colmap_capture(const std::filesystem::path& model);

/// Whether a camera of the model has a lens.
[[nodiscard]] bool has_lens(const ColmapModel& model);

/// The folder that names of photos are relative to. Several may hold photos of these names: the originals
/// (input) beside the undistorted ones (images), or another capture above. The capture of the model counts
/// before every folder above, and these from the nearest on. There reduced copies (images_4) are used only if
/// there are no full images; then the size that the cameras state decides, the distance from the model, the
/// name, and the number of photos. A folder with less than half of the photos that another has does not
/// count. Nothing if no folder holds any.
[[nodiscard]] std::optional<ColmapPhotos> folder_of_photos(const ColmapModel& model,
                                                           const std::filesystem::path& model_folder);

/// The folders to search where no folder of photos is beside the model.
[[nodiscard]] std::vector<std::filesystem::path> folders_around(const std::filesystem::path& model_folder);

/// The workspace dense/0 that a photo of a model with a lens lies in: it is undistorted, and the model is not
/// of it. Nothing where that is not so.
[[nodiscard]] std::optional<std::filesystem::path> workspace_of(const std::filesystem::path& photo,
                                                                const ColmapModel& model,
                                                                const std::filesystem::path& model_folder);

}  // namespace lact
