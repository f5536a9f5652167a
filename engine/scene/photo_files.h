#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lact {

/// The picture that a scene file names: as it stands, with backslashes as slashes, or with one of the usual
/// extensions added (Blender's files leave it out). Relative to `folder`; none where no such file exists.
[[nodiscard]] std::optional<std::filesystem::path> find_picture(const std::filesystem::path& folder,
                                                                const std::string& text);

/// The pictures directly in a folder (PNG, JPEG, BMP, TGA by their names' endings), sorted by name. Empty
/// where it is no folder or cannot be read.
[[nodiscard]] std::vector<std::filesystem::path> pictures_in(const std::filesystem::path& folder);

/// Where the photos of a capture without poses lie: in the folder itself, or in its images, input or photos.
/// None where there are no pictures.
[[nodiscard]] std::optional<std::filesystem::path> folder_with_photos(const std::filesystem::path& folder);

/// A mask where capture programs put it without saying so: masks/NAME beside the picture's folder (same name,
/// PNG, or COLMAP's NAME.jpg.png), or NAME_mask.png beside the picture.
[[nodiscard]] std::optional<std::filesystem::path> guess_mask(const std::filesystem::path& image);

/// What a reader saw of the photos of a scene, for Scene::warnings.
struct PhotoNotes {
    std::vector<std::string> missing;  ///< Names of photos that are not there.
    std::vector<std::filesystem::path> guessed_masks;
};
/// One sentence about each; `count` is the number of views that the scene file has.
[[nodiscard]] std::vector<std::string> warnings_of(const PhotoNotes& notes, std::size_t count);
/// "a.png, b.png, c.png and 12 more".
[[nodiscard]] std::string some_of(const std::vector<std::string>& names);

}  // namespace lact
