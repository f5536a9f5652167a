#pragma once

#include "engine/scene/file_finder.h"
#include "engine/scene/scene_files.h"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace lact {

/// The photos and masks of one scene while it is read. All readers find files through it and let it check the
/// scene against its folders at the end, so that nothing is lost without a remark.
class PhotoSource {
  public:
    /// `folders`: those that the names of the scene file are relative to, most likely first; `mask_folders`:
    /// those that the names of masks are relative to, where they are others.
    explicit PhotoSource(const std::vector<std::filesystem::path>& folders);
    PhotoSource(const std::vector<std::filesystem::path>& folders,
                const std::vector<std::filesystem::path>& mask_folders);

    /// The photo that the scene file names, as FileFinder::find() finds it.
    [[nodiscard]] std::optional<std::filesystem::path> photo(const std::string& name);
    /// By how much smaller than the named photo a found one is (FileFinder::reduction()): intrinsics in
    /// pixels belong to the named one.
    [[nodiscard]] int reduction(const std::filesystem::path& photo) const;
    /// The mask that the scene file names.
    [[nodiscard]] std::optional<std::filesystem::path> mask(const std::string& name);
    /// The mask of a photo at the usual locations of capture programs: in a folder "masks" or "mask" beside
    /// or in the photo's folder or the two above it (in any letter case), or in that of ScanNet++, under the
    /// photo's path from there: images/front/a.jpg has masks/front/a.png, also a.jpg.png (COLMAP); or
    /// a_mask.png beside the photo, or dynamic_mask_a.png, which marks what is left out (instant-ngp). No
    /// file says that such a mask belongs to the photo: one of another aspect does not, as those of the
    /// original photos beside undistorted ones.
    [[nodiscard]] std::optional<std::filesystem::path> mask_beside(const std::filesystem::path& photo);

    /// Removes the views of a photo that an earlier view shows, so that none is an input and a held-out view,
    /// and sets SceneView::mask_hides. Adds the remarks: files found elsewhere than written, photos listed
    /// twice, photos without a pose, masks found, of another aspect and of no view, and the number of views
    /// that the files reserve for testing.
    void check(SceneFiles& scene) const;

  private:
    /// A folder of masks, and the path of a photo's folder within it.
    using MaskFolder = std::pair<std::filesystem::path, std::filesystem::path>;
    std::optional<std::filesystem::path> folder_called(const std::filesystem::path& parent,
                                                       const std::string& name);
    const std::vector<MaskFolder>& mask_folders(const std::filesystem::path& folder);
    std::optional<std::filesystem::path> fitting_mask(const std::filesystem::path& folder,
                                                      const std::string& name,
                                                      const std::filesystem::path& photo);
    void remark_on_masks(SceneFiles& scene) const;
    void remark_on_misfits(SceneFiles& scene) const;

    FileFinder photos_;
    FileFinder masks_;
    FileFinder entries_;
    std::map<std::filesystem::path, std::vector<MaskFolder>> mask_folders_;  ///< By folder of photos.
    std::vector<std::filesystem::path> guessed_;                             ///< Masks that no file names,
    std::set<std::filesystem::path> hiding_;   ///< of these such as mark what is left out.
    std::set<std::filesystem::path> misfits_;  ///< Of another aspect than their photo: no masks of it.
};

}  // namespace lact
