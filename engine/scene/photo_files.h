#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lact {

/// The picture that a scene file names: as it stands, with backslashes as slashes, or with one of the usual
/// extensions added (Blender's files leave it out). Relative to `folder`; none where no such file exists.
[[nodiscard]] std::optional<std::filesystem::path> find_image(const std::filesystem::path& folder,
                                                              const std::string& text);

/// The photos directly in a folder (PNG, JPEG, BMP, TGA by their names' endings), sorted by name; masks
/// beside them (NAME_mask.png) are none. Empty where it is no folder or cannot be read.
[[nodiscard]] std::vector<std::filesystem::path> images_in(const std::filesystem::path& folder);

/// Where the photos of a capture without poses lie: in the folder itself, or in its images, input or photos,
/// whichever holds most. None where there are no pictures.
[[nodiscard]] std::optional<std::filesystem::path> folder_with_photos(const std::filesystem::path& folder);

/// What is known of a folder that holds no scene and not enough photos where they are looked for: that they
/// lie deeper, or are of a kind that is not read.
struct PhotosElsewhere {
    std::string what;  ///< "holds no photos; 40 photos lie in its folder frames"
    std::string hint;  ///< What to do.
};
/// None where nothing is known. `needed`: fewer photos in the folder itself are not enough.
[[nodiscard]] std::optional<PhotosElsewhere> photos_elsewhere(const std::filesystem::path& folder,
                                                              std::size_t needed);

/// Why a picture file is of no use, "is empty" or "is cut short", where its beginning or end says so; the
/// picture is not decoded. None where nothing is wrong with it.
[[nodiscard]] std::optional<std::string> broken_image(const std::filesystem::path& path);

/// A path as a word of a command line: in quotes where a shell would take it apart.
[[nodiscard]] std::string shell_word(const std::filesystem::path& path);

/// A mask where capture programs put it without saying so: masks/NAME beside the picture's folder (same name,
/// PNG, or COLMAP's NAME.jpg.png), or NAME_mask.png beside the picture.
[[nodiscard]] std::optional<std::filesystem::path> guess_mask(const std::filesystem::path& image);

/// What a reader saw of the photos of a scene, for Scene::warnings.
struct PhotoNotes {
    std::vector<std::string> missing;  ///< Names of photos that are not there.
    std::vector<std::string> broken;   ///< "a.jpg is cut short"
    std::vector<std::filesystem::path> guessed_masks;
};
/// One sentence about each; `count` is the number of views that the scene file has.
[[nodiscard]] std::vector<std::string> warnings_of(const PhotoNotes& notes, std::size_t count);
/// Whether a photo that is there can be used; what is wrong with it is noted under its `name`.
[[nodiscard]] bool usable(const std::filesystem::path& photo, const std::string& name, PhotoNotes& notes);
/// Why not one photo of a scene can be used: "but not one of their photos is there, the first is a.png".
/// `where`: the first missing one's place.
[[nodiscard]] std::string none_usable(const PhotoNotes& notes, const std::string& where);
/// "a.png, b.png, c.png and 12 more".
[[nodiscard]] std::string some_of(const std::vector<std::string>& names);

}  // namespace lact
