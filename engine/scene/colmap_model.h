#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera.h"
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

/// A camera of a COLMAP model: intrinsics without pose, and its lens.
struct ColmapCamera {
    Camera intrinsics;
    LensDistortion lens;
};

/// A registered photo.
struct ColmapImage {
    std::string name;  ///< Relative to the folder of the photos.
    std::uint32_t camera = 0;
    Eigen::Matrix4d c2w = Eigen::Matrix4d::Identity();
};

/// What of COLMAP's sparse models is of use here: cameras and photos; points, rigs and frames are not read.
struct ColmapModel {
    std::map<std::uint32_t, ColmapCamera> cameras;
    std::vector<ColmapImage> images;  ///< By name.
};

/// The file of photos in a folder with a model: images.bin with cameras.bin, else images.txt with cameras.txt
/// (the order in which COLMAP itself looks); none where there is no model.
[[nodiscard]] std::optional<std::filesystem::path> colmap_images_file(const std::filesystem::path& folder);

/// How many photos such a file says it has, without reading them; 0 where it does not say.
[[nodiscard]] std::size_t colmap_image_count(const std::filesystem::path& images_file);

/// Reads images.bin or images.txt and the cameras beside it. Errors name the file and what in it: cut short,
/// more entries than bytes, unknown or spherical camera models, numbers that are not finite or absurd, photos
/// without camera, two of one name.
[[nodiscard]] Result<ColmapModel> read_colmap_model(const std::filesystem::path& images_file);

/// The camera of one entry. `where` is for messages. Errors: parameters that do not fit the model, sizes and
/// intrinsics out of range.
struct ColmapLens;  ///< A row of COLMAP's table of camera models.
[[nodiscard]] const ColmapLens* colmap_lens(int model_id);
[[nodiscard]] const ColmapLens* colmap_lens(std::string_view name);
[[nodiscard]] std::size_t parameter_count(const ColmapLens& lens);
[[nodiscard]] Result<ColmapCamera> colmap_camera(const ColmapLens& lens, std::uint64_t width,
                                                 std::uint64_t height, std::span<const double> parameters,
                                                 const std::string& where);

}  // namespace lact
