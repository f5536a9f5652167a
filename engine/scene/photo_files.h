#pragma once

#include "engine/scene/remark.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lact {

/// The image that a scene file names: as written, with backslashes as slashes, or with a usual extension
/// added (Blender omits it). Relative to `folder`; nothing if no such file exists.
[[nodiscard]] std::optional<std::filesystem::path> find_image(const std::filesystem::path& folder,
                                                              const std::string& text);

/// The photos directly in a folder (PNG, JPEG, BMP, TGA by extension), sorted by name, without masks
/// (NAME_mask.png). Empty if it is not a readable folder.
[[nodiscard]] std::vector<std::filesystem::path> images_in(const std::filesystem::path& folder);

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

/// A path quoted for a shell if necessary.
[[nodiscard]] std::string shell_word(const std::filesystem::path& path);

/// A mask at the usual locations of capture programs: masks/NAME beside the folder of the image (same name,
/// PNG, or NAME.jpg.png of COLMAP), or NAME_mask.png beside the image.
[[nodiscard]] std::optional<std::filesystem::path> guess_mask(const std::filesystem::path& image);

/// Notes of a reader about the photos of a scene, for its remarks.
struct PhotoNotes {
    std::vector<std::string> missing;  ///< Names of photos that do not exist.
    std::vector<std::string> broken;   ///< For example "a.jpg is cut short".
    std::vector<std::filesystem::path> guessed_masks;
};
/// One remark for each kind of note; `count`: the number of views in the scene file.
[[nodiscard]] std::vector<SceneRemark> remarks_of(const PhotoNotes& notes, std::size_t count);
/// Whether an existing photo can be used; notes its defect under `name` otherwise.
[[nodiscard]] bool usable(const std::filesystem::path& photo, const std::string& name, PhotoNotes& notes);
/// The reason why no photo of a scene can be used: "but not one of their photos exists; the first would be
/// a.png". `where`: the path of the first missing photo.
[[nodiscard]] std::string none_usable(const PhotoNotes& notes, const std::string& where);
/// A short list: "a.png, b.png, c.png and 12 more".
[[nodiscard]] std::string some_of(const std::vector<std::string>& names);

}  // namespace lact
