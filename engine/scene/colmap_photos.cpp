#include "engine/scene/colmap_photos.h"

#include "engine/core/full_path.h"
#include "engine/scene/exif.h"
#include "engine/scene/file_finder.h"
#include "engine/scene/image.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/scannetpp.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

namespace lact {
namespace {

namespace fs = std::filesystem;

/// Beside "sparse": photos that COLMAP undistorted, with a model of their own.
constexpr const char* undistorted_workspace = "dense/0";
constexpr std::array<std::string_view, 4> full_sizes{photo_folder_names[0], photo_folder_names[1],
                                                     photo_folder_names[2], "."};

/// The folders of some names beside the model and up to three levels above it, in any letter case, the
/// nearest first. Nothing is counted yet.
std::vector<ColmapPhotos> photo_folders(const fs::path& model, std::span<const std::string_view> names) {
    std::vector<ColmapPhotos> folders;
    FileFinder finder({}, FileFinder::Kind::entry);
    fs::path above = model;
    for (int levels = 0; levels < 4; ++levels) {
        for (const std::string_view name : names) {
            std::error_code code;
            const fs::path exact = (above / name).lexically_normal();
            if (fs::is_directory(exact, code)) {
                folders.push_back({exact, levels});
            } else if (const auto found = finder.find_below(above, std::string(name))) {
                folders.push_back({found->lexically_normal(), levels});
            }
        }
        above /= "..";
    }
    return folders;
}

std::vector<std::string_view> reduced_sizes() {
    std::vector<std::string_view> names;
    std::ranges::transform(reduced_folders, std::back_inserter(names), &ReducedFolder::name);
    return names;
}

/// All folders that may hold the photos of a model: full ones, those of ScanNet++, and reduced copies.
std::vector<ColmapPhotos> candidates(const ColmapModel& model, const fs::path& model_folder) {
    std::vector<ColmapPhotos> folders = photo_folders(model_folder, full_sizes);
    if (auto own = scannetpp_folders(model_folder, has_lens(model))) {
        folders.push_back({std::move(own->photos), 1});
    }
    for (ColmapPhotos& folder : photo_folders(model_folder, reduced_sizes())) {
        folder.reduced = true;
        folders.push_back(std::move(folder));
    }
    return folders;
}

/// Whether a photo has the size that the model says, as stored or as EXIF turns it; nothing if it cannot be
/// read.
std::optional<bool> has_size(const fs::path& photo, Size stated) {
    const auto info = image_info(photo);
    if (!info) {
        return std::nullopt;
    }
    return Size{info->width, info->height} == stated ||
           (Size{info->height, info->width} == stated && turns_sides(exif_orientation(photo)));
}

/// Counts the photos of the model in a folder and compares the sizes of the first ones.
void look_into(ColmapPhotos& folder, const ColmapModel& model) {
    constexpr std::size_t compared = 3;
    FileFinder finder({folder.path});
    std::size_t sizes = 0;
    std::size_t right = 0;
    for (const ColmapImage& image : model.images) {
        const auto file = finder.find_below(folder.path, image.name);
        if (!file) {
            continue;
        }
        ++folder.found;
        folder.exact += *file == folder.path / image.name ? 1U : 0U;
        if (sizes < compared) {
            const auto fits = has_size(*file, model.cameras.at(image.camera).intrinsics.size());
            sizes += fits ? 1U : 0U;
            right += fits.value_or(false) ? 1U : 0U;
        }
    }
    folder.right_size = 2 * right > sizes;
}

/// Whether the model belongs to photos as they were taken: its cameras have a lens, or it lies where the
/// script of 3D Gaussian splatting keeps it (distorted/sparse/0). The others belong to undistorted photos.
bool is_of_original_photos(const ColmapModel& model, const fs::path& model_folder) {
    const fs::path above = full_path(model_folder).parent_path();
    return above.filename() == "distorted" || above.parent_path().filename() == "distorted" ||
           has_lens(model);
}

/// How many levels above the model its capture is.
int levels_of_capture(const fs::path& model_folder) {
    const fs::path model = full_path(model_folder);
    const fs::path capture = colmap_capture(model);
    return static_cast<int>(std::distance(model.begin(), model.end()) -
                            std::distance(capture.begin(), capture.end()));
}

/// The folders that a model's scene may be: those above its folders "sparse" and of numbers, the nearest
/// first.
std::vector<fs::path> scenes_of(const fs::path& model_folder) {
    const fs::path model = fs::path(model_folder).lexically_normal();
    std::vector<fs::path> scenes;
    fs::path above = model_folder;
    // The scene of sparse/0 and of dense/0/sparse; nothing above it belongs to it.
    for (const fs::path& part : {model.filename(), model.parent_path().filename()}) {
        if (part == "sparse" || number_of(part)) {
            above /= "..";
            scenes.push_back(above);
        }
    }
    return scenes;
}

}  // namespace

std::optional<unsigned long> number_of(const fs::path& name) {
    const std::string text = name.string();
    unsigned long number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = !text.empty() && code == std::errc() && end == text.data() + text.size();
    return whole ? std::optional(number) : std::nullopt;
}

fs::path colmap_capture(const fs::path& model) {
    fs::path folder = model;
    const auto leave = [&](const auto& accepts) {
        if (accepts(folder.filename()) && folder.has_parent_path()) {
            folder = folder.parent_path();
            return true;
        }
        return false;
    };
    leave([](const fs::path& name) { return number_of(name).has_value(); });
    if (!leave([](const fs::path& name) { return name == "sparse"; })) {
        return model;
    }
    std::error_code code;
    const bool whole = fs::is_directory(folder / "images", code);  // A capture that is called "colmap".
    leave([&](const fs::path& name) {
        return name == "dense" || name == "distorted" || (name == "colmap" && !whole);
    });
    return folder;
}

bool has_lens(const ColmapModel& model) {
    return std::ranges::any_of(model.cameras,
                               [](const auto& camera) { return camera.second.lens != LensDistortion{}; });
}

std::optional<ColmapPhotos> folder_of_photos(const ColmapModel& model, const fs::path& model_folder) {
    const std::string_view preferred = is_of_original_photos(model, model_folder) ? "input" : "images";
    const int inside = levels_of_capture(model_folder);
    std::vector<ColmapPhotos> folders = candidates(model, model_folder);
    std::size_t most = 0;
    for (ColmapPhotos& folder : folders) {
        look_into(folder, model);
        most = std::max(most, folder.found);
    }
    std::erase_if(folders,
                  [&](const ColmapPhotos& folder) { return folder.found == 0 || 2 * folder.found < most; });
    const auto best = std::ranges::min_element(folders, {}, [&](const ColmapPhotos& folder) {
        const int above = folder.levels <= inside ? 0 : folder.levels;
        return std::tuple(above, folder.reduced, !folder.right_size, folder.levels,
                          folded_name(folder.path.filename().string()) != preferred, most - folder.found,
                          most - folder.exact);
    });
    return best == folders.end() ? std::nullopt : std::optional(std::move(*best));
}

std::vector<fs::path> folders_around(const fs::path& model_folder) {
    std::vector<fs::path> folders;
    for (ColmapPhotos& folder : photo_folders(model_folder, photo_folder_names)) {
        folders.push_back(std::move(folder.path));
    }
    folders.push_back(model_folder);
    for (const fs::path& scene : scenes_of(model_folder)) {
        folders.push_back(scene);
        folders.push_back(scene / undistorted_workspace);
    }
    return folders;
}

std::optional<fs::path> workspace_of(const fs::path& photo, const ColmapModel& model,
                                     const fs::path& model_folder) {
    if (!has_lens(model)) {
        return std::nullopt;
    }
    for (const fs::path& scene : scenes_of(model_folder)) {
        fs::path workspace = (scene / undistorted_workspace).lexically_normal();
        if (lies_in(photo, workspace)) {
            return workspace;
        }
    }
    return std::nullopt;
}

}  // namespace lact
