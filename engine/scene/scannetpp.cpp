#include "engine/scene/scannetpp.h"

#include "engine/scene/camera_fields.h"

#include <algorithm>
#include <array>
#include <system_error>

namespace lact {
namespace {

namespace fs = std::filesystem;

/// One kind of photos.
struct KindOfPhotos {
    std::string_view cameras;  ///< In the folder "nerfstudio".
    std::string_view photos;
    std::string_view masks;
    bool lens;
};
constexpr std::array<KindOfPhotos, 2> kinds_of_photos{
    {{"transforms.json", "resized_images", "resized_anon_masks", true},
     {"transforms_undistorted.json", "resized_undistorted_images", "resized_undistorted_masks", false}}};

/// Whether the photos of a kind lie beside the folder with their cameras.
bool has_photos(const fs::path& cameras, const KindOfPhotos& kind) {
    std::error_code code;
    return fs::is_directory(cameras / ".." / kind.photos, code);
}

}  // namespace

bool is_of_scannetpp(const fs::path& cameras) {
    return std::ranges::any_of(kinds_of_photos,
                               [&](const KindOfPhotos& kind) { return has_photos(cameras, kind); });
}

std::optional<ScannetppFolders> scannetpp_folders(const fs::path& cameras, bool lens) {
    if (!is_of_scannetpp(cameras)) {
        return std::nullopt;
    }
    const fs::path capture = (cameras / "..").lexically_normal();
    const KindOfPhotos& kind = *std::ranges::find(kinds_of_photos, lens, &KindOfPhotos::lens);
    return ScannetppFolders{capture / kind.photos, capture / kind.masks};
}

std::string_view scannetpp_masks_of(std::string_view photos) {
    const auto kind = std::ranges::find(kinds_of_photos, photos, &KindOfPhotos::photos);
    return kind == kinds_of_photos.end() ? std::string_view() : kind->masks;
}

std::optional<fs::path> scannetpp_cameras(const fs::path& cameras) {
    for (const KindOfPhotos& kind : kinds_of_photos) {
        if (has_photos(cameras, kind) && is_file(cameras / kind.cameras)) {
            return cameras / kind.cameras;
        }
    }
    return std::nullopt;
}

fs::path scannetpp_cameras_of(const fs::path& photos) {
    const fs::path capture = photos.parent_path();
    const fs::path folder = capture / "nerfstudio";
    const auto kind = std::ranges::find(kinds_of_photos, photos.filename().string(), &KindOfPhotos::photos);
    if (kind != kinds_of_photos.end() && is_file(folder / kind->cameras)) {
        return folder / kind->cameras;
    }
    return scannetpp_cameras(folder) ? folder : capture / "colmap";
}

bool repeats_scannetpp(const fs::path& folder) {
    return folder.filename() == "colmap" &&
           scannetpp_cameras(folder.parent_path() / "nerfstudio").has_value();
}

}  // namespace lact
