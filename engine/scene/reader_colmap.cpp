// Scenes with cameras from COLMAP: a sparse model beside a folder of photos.
#include "engine/core/counted.h"
#include "engine/core/full_path.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/colmap_model.h"
#include "engine/scene/exif.h"
#include "engine/scene/image.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/photo_source.h"
#include "engine/scene/prepare.h"
#include "engine/scene/reader.h"
#include "engine/scene/view_policy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <span>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

/// Folders of models below that of a scene: COLMAP, nerfstudio, and COLMAP's dense workspace.
constexpr std::array<std::string_view, 5> model_folders{"sparse", "colmap/sparse", "dense/sparse",
                                                        "dense/0/sparse", "distorted/sparse"};

/// A model of a mapper run.
struct ModelOfRun {
    fs::path file;  ///< With photos.
    std::size_t photos = 0;
    std::uintmax_t bytes = 0;
};

/// The number that a folder's name is; nothing if it is none.
std::optional<unsigned long> number_of(const fs::path& folder) {
    const std::string name = folder.filename().string();
    unsigned long number = 0;
    const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool whole = !name.empty() && code == std::errc() && end == name.data() + name.size();
    return whole ? std::optional(number) : std::nullopt;
}

/// The models of one mapper run, in folders with numbers, which may have gaps: the largest first, of equal
/// ones that of the smaller number. COLMAP writes several models if it cannot join them.
std::vector<ModelOfRun> models_of_a_run(const fs::path& sparse) {
    std::map<unsigned long, fs::path> files;
    for (const fs::path& folder : folders_in(sparse, false)) {
        const auto number = number_of(folder);
        auto file = number ? colmap_images_file(folder) : std::nullopt;
        if (file) {
            files.emplace(*number, std::move(*file));
        }
    }
    std::vector<ModelOfRun> models;
    for (auto& [number, file] : files) {
        std::error_code code;
        const std::uintmax_t bytes = fs::file_size(file, code);
        const std::size_t photos = colmap_image_count(file);
        models.push_back({std::move(file), photos, code ? 0 : bytes});
    }
    std::ranges::stable_sort(models, std::ranges::greater(),
                             [](const ModelOfRun& model) { return std::pair(model.photos, model.bytes); });
    return models;
}

std::optional<fs::path> largest_model(const fs::path& sparse) {
    std::vector<ModelOfRun> models = models_of_a_run(sparse);
    return models.empty() ? std::nullopt : std::optional(std::move(models.front().file));
}

/// Says which other models the run of a model has.
void remark_on_other_models(const fs::path& file, std::size_t photos, SceneFiles& scene) {
    const fs::path model = file.parent_path().lexically_normal();
    if (!number_of(model)) {
        return;
    }
    const fs::path sparse = model.has_parent_path() ? model.parent_path() : fs::path(".");
    std::vector<std::string> others;
    for (const ModelOfRun& other : models_of_a_run(sparse)) {
        if (const fs::path folder = other.file.parent_path().filename(); folder != model.filename()) {
            others.push_back(fmt::format("{} with {}", folder.string(), other.photos));
        }
    }
    if (!others.empty()) {
        scene.remarks.push_back(
            {RemarkKind::unused,
             {},
             fmt::format(
                 "COLMAP made {} models that it could not join; the one in {}, of {}, is read, not {}.",
                 others.size() + 1, model.string(), counted(photos, "photo"), some_of(others))});
    }
}

std::optional<fs::path> find_model(const fs::path& folder) {
    if (auto file = colmap_images_file(folder)) {
        return file;
    }
    if (auto file = largest_model(folder)) {
        return file;
    }
    for (const std::string_view name : model_folders) {
        if (auto file = largest_model(folder / name)) {
            return file;
        }
        if (auto file = colmap_images_file(folder / name)) {
            return file;
        }
    }
    return std::nullopt;
}

/// Beside "sparse": photos that COLMAP undistorted, with a model of their own.
constexpr const char* undistorted_workspace = "dense/0";
constexpr std::array<std::string_view, 4> full_sizes{photo_folder_names[0], photo_folder_names[1],
                                                     photo_folder_names[2], "."};
constexpr std::array<std::string_view, 4> reduced_sizes{"images_2", "images_4", "images_8", "images_16"};

/// A folder that may hold the photos of a model.
struct PhotoFolder {
    fs::path path;
    int levels = 0;           ///< Above the model.
    std::size_t found = 0;    ///< Photos of the model in it,
    std::size_t exact = 0;    ///< of these under the very names that the model gives.
    bool right_size = false;  ///< Most of the first photos have the size of their cameras.
};

/// The folders of some names beside the model and up to three levels above it, in any letter case, the
/// nearest first. Nothing is counted yet.
std::vector<PhotoFolder> photo_folders(const fs::path& model, std::span<const std::string_view> names) {
    std::vector<PhotoFolder> folders;
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
void look_into(PhotoFolder& folder, const ColmapModel& model) {
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

bool has_lens(const ColmapModel& model) {
    return std::ranges::any_of(model.cameras,
                               [](const auto& camera) { return camera.second.lens != LensDistortion{}; });
}

/// Whether the model belongs to photos as they were taken: its cameras have a lens, or it lies where the
/// script of 3D Gaussian splatting keeps it (distorted/sparse/0). The others belong to undistorted photos.
bool is_of_original_photos(const ColmapModel& model, const fs::path& model_folder) {
    const fs::path above = full_path(model_folder).parent_path();
    return above.filename() == "distorted" || above.parent_path().filename() == "distorted" ||
           has_lens(model);
}

/// The folder that names of photos are relative to. Several may hold photos of these names: the originals
/// (input) beside the undistorted ones (images), or another scene above. The size that the cameras state
/// decides, then the distance from the model, then the name and the number of photos; a folder with less than
/// half of the photos that another has does not count. Reduced copies (images_4) are used only if there are
/// no full images. Nothing if no folder holds any.
std::optional<PhotoFolder> folder_of_photos(const ColmapModel& model, const fs::path& model_folder) {
    const std::string_view preferred = is_of_original_photos(model, model_folder) ? "input" : "images";
    for (const auto& names : {full_sizes, reduced_sizes}) {
        std::vector<PhotoFolder> folders = photo_folders(model_folder, names);
        std::size_t most = 0;
        for (PhotoFolder& folder : folders) {
            look_into(folder, model);
            most = std::max(most, folder.found);
        }
        std::erase_if(
            folders, [&](const PhotoFolder& folder) { return folder.found == 0 || 2 * folder.found < most; });
        const auto best = std::ranges::min_element(folders, {}, [&](const PhotoFolder& folder) {
            return std::tuple(!folder.right_size, folder.levels,
                              folded_name(folder.path.filename().string()) != preferred, most - folder.found,
                              most - folder.exact);
        });
        if (best != folders.end()) {
            return std::move(*best);
        }
    }
    return std::nullopt;
}

/// Says that the photos are not those that the model was made of, where their size tells. A photo of another
/// aspect is refused when it is decoded.
void remark_on_sizes(const PhotoFolder& photos, SceneFiles& scene) {
    if (photos.path.filename().string().starts_with("images_")) {
        scene.remarks.push_back(
            {RemarkKind::found_elsewhere,
             {},
             fmt::format("The photos are the reduced copies in {}.", photos.path.string())});
        return;
    }
    for (std::size_t i = 0; !photos.right_size && i < std::min<std::size_t>(scene.views.size(), 3); ++i) {
        const SceneView& view = scene.views[i];
        const auto info = image_info(view.image);
        const Size stated = view.camera.size();
        if (info && Size{info->width, info->height} != stated &&
            same_aspect({info->width, info->height}, stated)) {
            const std::string name = view.image.filename().string();
            scene.remarks.push_back(
                {RemarkKind::corrected, name,
                 fmt::format(
                     "The photos in {} are of another size than the cameras of the model: {} is {}x{} "
                     "pixels in place of {}x{}. The intrinsics are scaled.",
                     photos.path.string(), name, info->width, info->height, stated.width, stated.height)});
            return;
        }
    }
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

/// The folders to search where no folder of photos is beside the model.
std::vector<fs::path> folders_around(const fs::path& model_folder) {
    std::vector<fs::path> folders;
    for (PhotoFolder& folder : photo_folders(model_folder, photo_folder_names)) {
        folders.push_back(std::move(folder.path));
    }
    folders.push_back(model_folder);
    for (const fs::path& scene : scenes_of(model_folder)) {
        folders.push_back(scene);
        folders.push_back(scene / undistorted_workspace);
    }
    return folders;
}

bool lies_in(const fs::path& file, const fs::path& folder) {
    const fs::path inside = file.lexically_normal().lexically_relative(folder.lexically_normal());
    return !inside.empty() && *inside.begin() != "..";
}

/// The workspace dense/0 that a photo of a model with a lens lies in: it is undistorted, and the model is not
/// of it. Nothing where that is not so.
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

/// The model of the undistorted photos of a workspace, where it and photos of it are there.
std::optional<fs::path> undistorted_model(const fs::path& workspace) {
    const auto file = colmap_images_file(workspace / "sparse");
    if (!file) {
        return std::nullopt;
    }
    const auto model = read_colmap_model(*file);
    if (!model || has_lens(*model)) {
        return std::nullopt;
    }
    const auto photos = folder_of_photos(*model, workspace / "sparse");
    return photos && lies_in(photos->path, workspace) ? file : std::nullopt;
}

class ColmapReader final : public SceneReader {
  public:
    [[nodiscard]] std::string_view format() const override { return "colmap"; }
    [[nodiscard]] std::string_view looked_for() const override {
        return "sparse/0 with cameras and images as .bin or .txt (COLMAP)";
    }

    [[nodiscard]] std::optional<fs::path> detect(const fs::path& path) const override {
        const std::string name = path.filename().string();
        if (name == "images.bin" || name == "images.txt" || name == "cameras.bin" || name == "cameras.txt") {
            const fs::path images = path.parent_path() / ("images" + path.extension().string());
            const fs::path cameras = path.parent_path() / ("cameras" + path.extension().string());
            return is_file(images) && is_file(cameras) ? std::optional(images) : std::nullopt;
        }
        return find_model(path);
    }

    [[nodiscard]] Result<SceneFiles> read(const fs::path& file) const override {
        std::optional<fs::path> workspace;
        LACT_TRY(SceneFiles scene, read_model(file, workspace));
        if (!workspace) {
            return scene;
        }
        const fs::path photos = *workspace;
        if (const auto undistorted = undistorted_model(photos)) {
            LACT_TRY(SceneFiles own, read_model(*undistorted, workspace));
            own.remarks.push_back(
                {RemarkKind::unused,
                 {},
                 fmt::format("The photos in {} are undistorted: their model in {} is read, not {}, whose "
                             "cameras have a lens.",
                             photos.string(), undistorted->parent_path().string(), file.string())});
            return own;
        }
        scene.remarks.push_back(
            {RemarkKind::lens,
             {},
             fmt::format(
                 "The photos are found in {}, where COLMAP leaves undistorted ones, but the cameras of "
                 "{} have a lens, which is corrected once more. Put the original photos into a folder "
                 "\"images\" beside \"sparse\", or the model of the undistorted ones into {}.",
                 photos.string(), file.string(), (photos / "sparse").string())});
        return scene;
    }

  private:
    /// `workspace`: that of undistorted photos that the photos of a model with a lens lie in
    /// (workspace_of()).
    static Result<SceneFiles> read_model(const fs::path& file, std::optional<fs::path>& workspace) {
        LACT_TRY(const ColmapModel model, read_colmap_model(file));
        const fs::path model_folder = file.parent_path().empty() ? fs::path(".") : file.parent_path();
        const auto photos = folder_of_photos(model, model_folder);
        PhotoSource files(photos ? std::vector{photos->path} : folders_around(model_folder));
        SceneFiles scene;
        ViewNotes bad;
        for (const ColmapImage& image : model.images) {
            const auto photo = files.photo(image.name);
            if (!photo) {
                note_no_photo(image.name, (photos ? photos->path : fs::path("images")) / image.name, bad);
                continue;
            }
            SceneView view;
            view.image = *photo;
            if (!usable(view.image, image.name, bad)) {
                continue;
            }
            const auto c2w = usable_pose(image.pose, image.name, bad);
            if (!c2w) {
                continue;
            }
            const ColmapCamera& camera = model.cameras.at(image.camera);
            view.camera = camera.intrinsics;
            view.camera.c2w = *c2w;
            view.distortion = camera.lens;
            view.mask = files.mask_beside(view.image);
            scene.views.push_back(std::move(view));
        }
        if (bad.left_out.size() == model.images.size() && !photos) {
            return fail(file.string(),
                        fmt::format("lists {}, but not one of them exists; the first is {}",
                                    counted(model.images.size(), "photo"), model.images.front().name),
                        "Put the photos into a folder \"images\" beside the folder \"sparse\".");
        }
        files.check(scene);
        LACT_CHECK(settle(scene, bad, model.images.size(), file.string()));
        remark_on_other_models(file, model.images.size(), scene);
        if (photos) {
            remark_on_sizes(*photos, scene);
        } else {
            workspace = workspace_of(scene.views.front().image, model, model_folder);
        }
        return scene;
    }
};

}  // namespace

const SceneReader& colmap_reader() {
    static const ColmapReader reader;
    return reader;
}

}  // namespace lact
