#pragma once

#include "app/platform/child_process.h"
#include "engine/core/error.h"
#include "engine/core/job.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lact::app {

/// Which pairs of photos COLMAP compares.
enum class PhotoMatching {
    automatic,   ///< Every pair up to 200 photos, neighbours beyond.
    exhaustive,  ///< Every pair.
    sequential,  ///< Neighbours in the order of names: frames of a video.
};
[[nodiscard]] Result<PhotoMatching> parse_photo_matching(
    std::string_view text);  ///< "auto|exhaustive|sequential"
[[nodiscard]] std::string_view to_string(PhotoMatching matching);

/// What `automatic` stands for with so many photos; the others stand for themselves.
[[nodiscard]] PhotoMatching matching_for(PhotoMatching requested, std::size_t photos);

/// Fewer photos do not determine useful poses.
inline constexpr std::size_t fewest_photos_to_place = 3;

/// A request to find camera poses.
struct PosesRequest {
    std::filesystem::path folder;  ///< Holds the photos, or a folder "images" of them.
    PhotoMatching matching = PhotoMatching::automatic;
    std::string camera_model = "OPENCV";  ///< A camera model of COLMAP.
    /// All photos are of one camera with one zoom. Not heeded where their sizes differ: COLMAP would leave
    /// out those of the other sizes.
    bool one_camera = true;
    bool gpu = false;                                 ///< Needs a COLMAP built for the GPU, or a display.
    std::string search_path = current_search_path();  ///< Where the executable colmap is searched.
};

struct FoundPoses {
    std::filesystem::path model;  ///< FOLDER/sparse
    std::size_t photos = 0;
    std::size_t placed = 0;             ///< Photos whose pose was found, in the largest model.
    std::vector<std::string> left_out;  ///< Names of the others.
    std::size_t models = 1;             ///< Parts that COLMAP could not join; the largest is read.

    /// "found the poses of 40 of 42 photos: DIR/sparse; left out: a.jpg and b.jpg, as ...".
    [[nodiscard]] std::string sentence() const;
};

/// Whether COLMAP is installed.
[[nodiscard]] bool can_find_poses(const std::string& search_path = current_search_path());

/// The number of photos of a request that find_poses() can begin with. Errors: COLMAP is not installed (says
/// how to), too few photos, photos elsewhere or of a kind that is not read, poses are already there (says in
/// which file), a folder "sparse" that holds something else.
[[nodiscard]] Result<std::size_t> check_poses_request(const PosesRequest& request);

/// Finds the camera poses of the photos in a folder (not in its subfolders) with COLMAP and writes the model
/// to FOLDER/sparse, where read_scene() finds it. The work is done in a temporary folder (OutputFolder)
/// within FOLDER, removed at the end, also after an error or a stop: a half-made model never has the final
/// name. Two runs on one folder
/// exclude each other. Stages of the job: "features", "matches", "cameras"; a remark where the photos have
/// several sizes. Errors: those of check_poses_request(), another run on the folder, an unwritable folder,
/// COLMAP's own failure with its last lines, no poses found, cancelled.
[[nodiscard]] Result<FoundPoses> find_poses(const PosesRequest& request, const Job& job);

}  // namespace lact::app
