#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/lens.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// A camera of a COLMAP model: intrinsics without pose, and its lens distortion.
struct ColmapCamera {
    Camera intrinsics;
    LensDistortion lens;
};

/// A registered photo.
struct ColmapImage {
    std::string name;  ///< Relative to the folder of the photos.
    std::uint32_t camera = 0;
    Result<RigidPose> pose;  ///< An error where the numbers are none: it leaves the photo out, not the model.
};

/// Cameras and registered photos of a COLMAP sparse model; points, rigs and frames are not read.
struct ColmapModel {
    std::map<std::uint32_t, ColmapCamera> cameras;
    std::vector<ColmapImage> images;  ///< Sorted by name; entries of one name in the order of the file.
};

/// The file with the photos of a model in `folder`: images.bin with cameras.bin, otherwise images.txt with
/// cameras.txt (the order of COLMAP); nothing if there is no model.
[[nodiscard]] std::optional<std::filesystem::path> colmap_images_file(const std::filesystem::path& folder);

/// The number of photos that such a file states, without reading them; 0 if it states none.
[[nodiscard]] std::size_t colmap_image_count(const std::filesystem::path& images_file);

/// Reads images.bin or images.txt and the cameras beside it. Errors name the file and the entry: truncated,
/// more entries than bytes, unknown or spherical camera models, numbers that are not finite or out of range,
/// photos without camera.
[[nodiscard]] Result<ColmapModel> read_colmap_model(const std::filesystem::path& images_file);

/// The camera of one entry. `where` is for messages. Errors: parameters that do not fit the camera model,
/// sizes and intrinsics out of range.
struct ColmapLens;  ///< A row of the table of COLMAP's camera models.
[[nodiscard]] const ColmapLens* colmap_lens(int model_id);
[[nodiscard]] const ColmapLens* colmap_lens(std::string_view name);  ///< In any letter case.
[[nodiscard]] std::size_t parameter_count(const ColmapLens& lens);
[[nodiscard]] Result<ColmapCamera> colmap_camera(const ColmapLens& lens, std::uint64_t width,
                                                 std::uint64_t height, std::span<const double> parameters,
                                                 const std::string& where);

}  // namespace lact
