#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace lact {

// ScanNet++ keeps the cameras of a capture in the folders "nerfstudio" and "colmap", and the photos of both
// beside them: as they were taken, and undistorted. Each kind has cameras, and masks, of its own.

/// The folders of one kind of photos. They may be absent: not all of the data set is downloaded.
struct ScannetppFolders {
    std::filesystem::path photos;
    std::filesystem::path masks;  ///< Of faces and the like; white is kept.
};

/// Whether the folder `cameras` has photos of ScanNet++ beside it.
[[nodiscard]] bool is_of_scannetpp(const std::filesystem::path& cameras);

/// The photos and masks that cameras in the folder `cameras` belong to: with a lens the photos as they were
/// taken, without one the undistorted ones. Nothing where is_of_scannetpp() is false.
[[nodiscard]] std::optional<ScannetppFolders> scannetpp_folders(const std::filesystem::path& cameras,
                                                                bool lens);

/// The name of the folder of masks beside a folder of photos of this name; empty if it is none of ScanNet++.
[[nodiscard]] std::string_view scannetpp_masks_of(std::string_view photos);

/// The file with cameras in a folder whose photos are there: transforms.json, otherwise
/// transforms_undistorted.json. Nothing if the folder has neither, or is none of ScanNet++.
[[nodiscard]] std::optional<std::filesystem::path> scannetpp_cameras(const std::filesystem::path& cameras);

/// The cameras of a folder of photos of ScanNet++: the file of its kind of photos in "nerfstudio" beside it,
/// or that folder with those of the other kind, or "colmap", which may be absent.
[[nodiscard]] std::filesystem::path scannetpp_cameras_of(const std::filesystem::path& photos);

/// Whether a folder "colmap" repeats the cameras of the folder "nerfstudio" beside it, which also has masks
/// and the frames for testing.
[[nodiscard]] bool repeats_scannetpp(const std::filesystem::path& folder);

}  // namespace lact
