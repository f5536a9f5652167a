// Scenes with cameras from COLMAP: a sparse model beside a folder of photos.
#include "engine/core/counted.h"
#include "engine/core/full_path.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/colmap_model.h"
#include "engine/scene/colmap_photos.h"
#include "engine/scene/image.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/photo_source.h"
#include "engine/scene/prepare.h"
#include "engine/scene/reader.h"
#include "engine/scene/scannetpp.h"
#include "engine/scene/view_policy.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <system_error>
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
    fs::path file;           ///< With photos.
    std::size_t photos = 0;  ///< Not counted where the run has one model.
    std::uintmax_t bytes = 0;
};

/// The models of one mapper run, in folders with numbers, which may have gaps: the largest first, of equal
/// ones that of the smaller number. COLMAP writes several models if it cannot join them.
std::vector<ModelOfRun> models_of_a_run(const fs::path& sparse) {
    std::map<unsigned long, fs::path> files;
    for (const fs::path& folder : folders_in(sparse, false)) {
        const auto number = number_of(folder.filename());
        auto file = number ? colmap_images_file(folder) : std::nullopt;
        if (file) {
            files.emplace(*number, std::move(*file));
        }
    }
    std::vector<ModelOfRun> models;
    for (auto& [number, file] : files) {
        std::error_code code;
        const std::uintmax_t bytes = fs::file_size(file, code);
        // Counting takes a pass over a text of gigabytes; one model needs no comparison.
        const std::size_t photos = files.size() > 1 ? colmap_image_count(file) : 0;
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
    if (!number_of(model.filename())) {
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

/// Says that the photos are not those that the model was made of, where their size tells. A photo of another
/// aspect is refused when it is decoded.
void remark_on_sizes(const ColmapPhotos& photos, SceneFiles& scene) {
    if (photos.reduced) {
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
            const auto own = scannetpp_folders(model_folder, has_lens(model));
            return fail(file.string(),
                        fmt::format("lists {}, but not one of them exists; the first is {}",
                                    counted(model.images.size(), "photo"), model.images.front().name),
                        own ? fmt::format("Put the photos into {}.", own->photos.string())
                            : "Put the photos into a folder \"images\" beside the folder \"sparse\".");
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
