#include "engine/scene/photo_source.h"

#include "engine/core/counted.h"
#include "engine/scene/exif.h"
#include "engine/scene/image.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/prepare.h"
#include "engine/scene/scannetpp.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

constexpr int mask_levels = 3;   ///< The photo's folder and those above it that may have masks beside them.
constexpr int photo_levels = 3;  ///< Folders below "images" that are counted: rigs have one or two.

fs::path folder_of(const fs::path& file) {
    const fs::path folder = file.lexically_normal().parent_path();
    return folder.empty() ? fs::path(".") : folder;
}

bool is_folder(const fs::path& path) {
    std::error_code code;
    return fs::is_directory(path, code);
}

/// The images in a folder and below it.
void add_images_below(const fs::path& folder, int levels, bool masks, std::vector<fs::path>& images) {
    const std::vector<fs::path> here = images_in(folder);
    images.insert(images.end(), here.begin(), here.end());
    if (levels > 0) {
        for (const fs::path& child : folders_in(folder, masks)) {
            add_images_below(child, levels - 1, masks, images);
        }
    }
}

/// Whether photos lie in the folder or below it, by its name.
bool is_root_of_photos(const fs::path& folder) {
    const std::string name = folder.filename().string();
    return is_photo_folder_name(name) || name.starts_with("images_");
}

/// The folder of a photo, or the one called "images" above it: photos of a rig lie in folders below that.
fs::path root_of_photos(const fs::path& photo) {
    const fs::path folder = folder_of(photo);
    fs::path root = folder;
    for (int level = 0; level < photo_levels; ++level) {
        if (is_root_of_photos(root)) {
            return root;
        }
        root = root.parent_path();
    }
    return folder;
}

/// Whether an image belongs to a photo of the scene: r_0_depth_0001.png to r_0.png.
bool is_companion(const fs::path& image, const std::set<fs::path>& stems) {
    const std::string stem = image.stem().string();
    for (const std::string_view mark : {"_depth", "_normal", "_alpha", "_disp", "_mask", "_semantic"}) {
        const std::size_t at = stem.find(mark);
        if (at != std::string::npos && stems.contains(image.parent_path() / stem.substr(0, at))) {
            return true;
        }
    }
    return false;
}

/// Whether a mask has the aspect of a photo, as it is stored or as EXIF turns it. What cannot be read does
/// not tell.
bool may_be_mask_of(const fs::path& mask, const fs::path& photo) {
    const auto painted = image_info(mask);
    const auto taken = image_info(photo);
    if (!painted || !taken) {
        return true;
    }
    const Size size{painted->width, painted->height};
    return same_aspect(size, {taken->width, taken->height}) ||
           (turns_sides(exif_orientation(photo)) && same_aspect(size, {taken->height, taken->width}));
}

std::string names_of(const std::vector<fs::path>& files) {
    std::vector<std::string> names;
    std::ranges::transform(files, std::back_inserter(names),
                           [](const fs::path& file) { return file.filename().string(); });
    return some_of(names);
}

/// Removes views of a photo that an earlier view shows.
void drop_duplicates(SceneFiles& scene) {
    std::set<fs::path> seen;
    std::vector<fs::path> twice;
    const std::size_t count = scene.views.size();
    std::erase_if(scene.views, [&](const SceneView& view) {
        const bool is_new = seen.insert(view.image.lexically_normal()).second;
        if (!is_new) {
            twice.push_back(view.image);
        }
        return !is_new;
    });
    if (!twice.empty()) {
        const bool one = twice.size() == 1;
        scene.remarks.push_back(
            {RemarkKind::duplicate, twice.front().filename().string(),
             fmt::format("{} of {} {} a photo that an earlier view shows and {} left out: {}.", twice.size(),
                         counted(count, "view"), one ? "shows" : "show", one ? "is" : "are",
                         names_of(twice))});
    }
}

/// Says which photos in the folders of the scene have no pose. `known`: files that the scene file names.
void remark_on_unused_photos(SceneFiles& scene, const std::set<fs::path>& known,
                             const std::set<fs::path>& masks) {
    std::set<fs::path> roots;
    std::set<fs::path> stems;
    for (const fs::path& photo : known) {
        roots.insert(root_of_photos(photo));
        stems.insert(photo.parent_path() / photo.stem());
    }
    for (const fs::path& root : roots) {
        std::vector<fs::path> images;
        add_images_below(root, is_root_of_photos(root) ? photo_levels : 0, false, images);
        for (fs::path& image : images) {
            image = image.lexically_normal();
        }
        std::erase_if(images, [&](const fs::path& image) {
            return masks.contains(image) || (!known.contains(image) && is_companion(image, stems));
        });
        const std::size_t count = images.size();
        std::erase_if(images, [&](const fs::path& image) { return known.contains(image); });
        if (!images.empty()) {
            const bool one = images.size() == 1;
            scene.remarks.push_back(
                {RemarkKind::unused,
                 {},
                 fmt::format("{} of {} in {} {} no pose and {} not used: {}.", images.size(),
                             counted(count, "photo"), root.string(), one ? "has" : "have", one ? "is" : "are",
                             names_of(images))});
        }
    }
}

void remark_on_reserved_views(SceneFiles& scene) {
    const auto reserved = std::ranges::count(scene.views, true, &SceneView::test);
    if (reserved > 0 && static_cast<std::size_t>(reserved) < scene.views.size()) {
        scene.remarks.push_back(
            {RemarkKind::unused,
             {},
             fmt::format("The files reserve {} of {} for testing or validation; by default {} not "
                         "chosen as inputs.",
                         reserved, counted(scene.views.size(), "view"),
                         reserved == 1 ? "it is" : "they are")});
    }
}

}  // namespace

PhotoSource::PhotoSource(const std::vector<fs::path>& folders) : PhotoSource(folders, folders) {}

PhotoSource::PhotoSource(const std::vector<fs::path>& folders, const std::vector<fs::path>& mask_folders)
    : photos_(folders), masks_(mask_folders, FileFinder::Kind::mask), entries_({}, FileFinder::Kind::entry) {}

std::optional<fs::path> PhotoSource::photo(const std::string& name) {
    return photos_.find(name);
}

std::optional<fs::path> PhotoSource::mask(const std::string& name) {
    return masks_.find(name);
}

int PhotoSource::reduction(const fs::path& photo) const {
    return photos_.reduction(photo);
}

/// A folder of this name, otherwise one in other letter case.
std::optional<fs::path> PhotoSource::folder_called(const fs::path& parent, const std::string& name) {
    if (is_folder(parent / name)) {
        return parent / name;
    }
    const auto found = entries_.find_below(parent, name);
    return found && is_folder(*found) ? found : std::nullopt;
}

const std::vector<PhotoSource::MaskFolder>& PhotoSource::mask_folders(const fs::path& folder) {
    const auto [place, is_new] = mask_folders_.try_emplace(folder);
    if (!is_new) {
        return place->second;
    }
    fs::path above = folder;
    fs::path within;
    for (int level = 0; level < mask_levels; ++level) {
        std::vector<std::string> names{"masks", "mask"};
        if (const std::string_view own = scannetpp_masks_of(above.filename().string()); !own.empty()) {
            names.emplace_back(own);
        }
        for (const fs::path& parent : {(above / "..").lexically_normal(), above}) {
            for (const std::string& name : names) {
                if (auto masks = folder_called(parent, name)) {
                    place->second.emplace_back(std::move(*masks), within);
                }
            }
        }
        const fs::path name = above.filename();
        if (name.empty() || name == "." || name == "..") {
            break;
        }
        within = name / within;
        above = (above / "..").lexically_normal();
        if (!above.has_filename() && above.has_relative_path()) {
            above = above.parent_path();  // Without the slash that normalization leaves.
        }
    }
    return place->second;
}

/// A mask of this name in a folder, if it has the aspect of the photo.
std::optional<fs::path> PhotoSource::fitting_mask(const fs::path& folder, const std::string& name,
                                                  const fs::path& photo) {
    auto mask = masks_.find_below(folder, name);
    if (!mask) {
        return std::nullopt;
    }
    mask = mask->lexically_normal();
    if (!may_be_mask_of(*mask, photo)) {
        misfits_.insert(*mask);
        return std::nullopt;
    }
    guessed_.push_back(*mask);
    return mask;
}

std::optional<fs::path> PhotoSource::mask_beside(const fs::path& photo) {
    const fs::path folder = folder_of(photo);
    for (const auto& [masks, within] : mask_folders(folder)) {
        const std::string name = (within / photo.filename()).string();
        for (const std::string& guess : {name, name + ".png"}) {
            if (auto mask = fitting_mask(masks, guess, photo)) {
                return mask;
            }
        }
    }
    const std::string stem = photo.stem().string();
    if (auto mask = fitting_mask(folder, stem + "_mask.png", photo)) {
        return mask;
    }
    auto mask = fitting_mask(folder, std::string(hiding_mask_prefix) + stem + ".png", photo);
    if (mask) {
        hiding_.insert(*mask);
    }
    return mask;
}

void PhotoSource::remark_on_masks(SceneFiles& scene) const {
    std::set<fs::path> used;
    for (const SceneView& view : scene.views) {
        if (view.mask) {
            used.insert(view.mask->lexically_normal());
        }
    }
    const std::size_t without =
        scene.views.size() - static_cast<std::size_t>(std::ranges::count_if(
                                 scene.views, [](const SceneView& view) { return view.mask.has_value(); }));
    std::set<fs::path> guessed(guessed_.begin(), guessed_.end());
    std::erase_if(guessed, [&](const fs::path& mask) { return !used.contains(mask); });
    const std::string rest =
        without == 0 ? ""
                     : fmt::format("; {} of {} {} none", without, counted(scene.views.size(), "view"),
                                   without == 1 ? "has" : "have");
    for (const bool hide : {false, true}) {
        std::vector<fs::path> masks;
        std::ranges::copy_if(guessed, std::back_inserter(masks),
                             [&](const fs::path& mask) { return hiding_.contains(mask) == hide; });
        if (!masks.empty()) {
            scene.remarks.push_back(
                {RemarkKind::mask,
                 {},
                 fmt::format("Masks found beside {} are used ({} is kept), the first is {}{}.",
                             counted(masks.size(), "photo"), hide ? "black" : "white", masks.front().string(),
                             rest)});
        }
    }
    remark_on_misfits(scene);
    std::set<fs::path> folders;
    for (const auto& [photos, masks] : mask_folders_) {
        for (const auto& [folder, within] : masks) {
            folders.insert(folder);
        }
    }
    for (const fs::path& folder : folders) {
        std::vector<fs::path> images;
        add_images_below(folder, photo_levels, true, images);
        const std::size_t count = images.size();
        std::erase_if(images, [&](const fs::path& image) {
            const fs::path mask = image.lexically_normal();
            return used.contains(mask) || misfits_.contains(mask);
        });
        if (!images.empty()) {
            const bool one = images.size() == 1;
            scene.remarks.push_back(
                {RemarkKind::unused,
                 {},
                 fmt::format("{} of {} in {} {} to no view and {} not used: {}.", images.size(),
                             counted(count, "mask"), folder.string(), one ? "belongs" : "belong",
                             one ? "is" : "are", names_of(images))});
        }
    }
}

/// Says which masks, though called as photos, do not have their aspect.
void PhotoSource::remark_on_misfits(SceneFiles& scene) const {
    if (misfits_.empty()) {
        return;
    }
    const fs::path& first = *misfits_.begin();
    const auto info = image_info(first);
    const bool one = misfits_.size() == 1;
    scene.remarks.push_back(
        {RemarkKind::mask,
         {},
         fmt::format(
             "{} found beside the photos {} another aspect than {} and {} not used: the first is {}, of "
             "{}x{} pixels.",
             counted(misfits_.size(), "mask"), one ? "has" : "have", one ? "its photo" : "their photos",
             one ? "is" : "are", first.string(), info ? info->width : 0, info ? info->height : 0)});
}

void PhotoSource::check(SceneFiles& scene) const {
    for (SceneView& view : scene.views) {
        view.mask_hides = view.mask && hiding_.contains(*view.mask);
    }
    for (const FileFinder* finder : {&photos_, &masks_}) {
        for (SceneRemark& remark : finder->remarks()) {
            scene.remarks.push_back(std::move(remark));
        }
    }
    drop_duplicates(scene);
    remark_on_unused_photos(scene, photos_.found(), masks_.found());
    remark_on_masks(scene);
    remark_on_reserved_views(scene);
}

}  // namespace lact
