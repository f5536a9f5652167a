#pragma once

#include "engine/core/file_kind.h"  // shell_word()

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// Names of the folders of a capture that hold its photos.
inline constexpr std::array<std::string_view, 3> photo_folder_names{"images", "input", "photos"};
[[nodiscard]] bool is_photo_folder_name(std::string_view name);

/// A folder of reduced copies of the photos in "images".
struct ReducedFolder {
    std::string_view name;
    int reduction;  ///< By how much they are smaller.
};
inline constexpr std::array<ReducedFolder, 4> reduced_folders{
    {{"images_2", 2}, {"images_4", 4}, {"images_8", 8}, {"images_16", 16}}};

/// Whether a folder holds masks by its name, in any letter case: mask, masks_2, resized_anon_masks. Not
/// gas_mask, which is as likely what the photos show.
[[nodiscard]] bool is_mask_folder_name(std::string_view name);

/// What instant-ngp puts before the name of a photo for the mask of what moves in it: dynamic_mask_a.png.
inline constexpr std::string_view hiding_mask_prefix = "dynamic_mask_";

/// What the ending of a name says about an image, in any letter case.
enum class PhotoEnding {
    none,        ///< No ending of an image: "a", "frame.0001", "a.txt".
    readable,    ///< PNG, JPEG, BMP or TGA.
    unreadable,  ///< An image of another format: HEIC, WebP, TIFF, EXR, raw ones.
};
[[nodiscard]] PhotoEnding photo_ending(const std::filesystem::path& name);

/// The photos directly in a folder (PNG, JPEG, BMP, TGA by extension), sorted by name, without masks
/// (NAME_mask.png, dynamic_mask_NAME.png) and litter of other systems. Empty if it is not a readable folder.
[[nodiscard]] std::vector<std::filesystem::path> images_in(const std::filesystem::path& folder);

/// The subfolders that may hold photos, sorted; without hidden ones, litter and partial results, and without
/// those of masks (is_mask_folder_name()) unless `masks`.
[[nodiscard]] std::vector<std::filesystem::path> folders_in(const std::filesystem::path& folder, bool masks);

/// The folder with the photos of a capture without poses: `folder` itself or its images, input or photos,
/// whichever holds most. Nothing if there are no images.
[[nodiscard]] std::optional<std::filesystem::path> folder_with_photos(const std::filesystem::path& folder);

/// A diagnosis of a folder without enough photos: they lie deeper, or their format is not supported.
struct PhotosElsewhere {
    std::string what;  ///< For example "holds no photos; 40 photos lie in its folder frames".
    std::string hint;  ///< How to correct it.
};
/// Nothing if the folder holds at least `needed` photos or no others are found.
[[nodiscard]] std::optional<PhotosElsewhere> photos_elsewhere(const std::filesystem::path& folder,
                                                              std::size_t needed);

/// The defect of an image file, "is empty" or "is cut short", judged by its beginning and end without
/// decoding. Nothing if there is none.
[[nodiscard]] std::optional<std::string> broken_image(const std::filesystem::path& path);

/// A short list: "a.png, b.png, c.png and 12 more".
[[nodiscard]] std::string some_of(const std::vector<std::string>& names);

}  // namespace lact
