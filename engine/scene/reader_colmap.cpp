// Scenes with cameras from COLMAP: a sparse model beside a folder of photos.
#include "engine/core/counted.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/colmap_model.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/photo_source.h"
#include "engine/scene/reader.h"
#include "engine/scene/view_policy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <span>
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

constexpr std::array<const char*, 4> full_sizes{"images", "input", "photos", "."};
constexpr std::array<const char*, 4> reduced_sizes{"images_2", "images_4", "images_8", "images_16"};

/// The folders of some names beside the model and up to three levels above it, in any letter case.
std::vector<fs::path> photo_folders(const fs::path& model, std::span<const char* const> names) {
    std::vector<fs::path> folders;
    FileFinder finder({}, FileFinder::Kind::entry);
    for (const char* name : names) {
        fs::path above = model;
        for (int levels = 0; levels < 4; ++levels) {
            std::error_code code;
            const fs::path exact = (above / name).lexically_normal();
            if (fs::is_directory(exact, code)) {
                folders.push_back(exact);
            } else if (const auto found = finder.find_below(above, name)) {
                folders.push_back(found->lexically_normal());
            }
            above /= "..";
        }
    }
    return folders;
}

/// The folder that names of photos are relative to: the one that holds the most photos of the model, of equal
/// ones the first. Reduced copies (images_4) are used only if there are no full images. Nothing if no folder
/// holds any.
std::optional<fs::path> folder_of_photos(const ColmapModel& model, const fs::path& model_folder) {
    for (const auto& names : {full_sizes, reduced_sizes}) {
        std::optional<fs::path> best;
        std::pair<std::size_t, std::size_t> most{0, 0};
        for (const fs::path& folder : photo_folders(model_folder, names)) {
            FileFinder finder({folder});
            std::pair<std::size_t, std::size_t> found{0, 0};
            for (const ColmapImage& image : model.images) {
                const auto file = finder.find_below(folder, image.name);
                found.first += file ? 1 : 0;
                found.second += file && *file == folder / image.name ? 1 : 0;
            }
            if (found.first > 0 && found > most) {
                most = found;
                best = folder;
            }
        }
        if (best) {
            return best;
        }
    }
    return std::nullopt;
}

/// The folders to search where no folder of photos is beside the model.
std::vector<fs::path> folders_around(const fs::path& model_folder) {
    const fs::path model = fs::path(model_folder).lexically_normal();
    std::vector<fs::path> folders = photo_folders(model_folder, std::span(full_sizes).first(3));
    folders.push_back(model_folder);
    fs::path above = model_folder;
    // The scene of sparse/0 and of dense/0/sparse; nothing above it belongs to it.
    for (const fs::path& part : {model.filename(), model.parent_path().filename()}) {
        if (part == "sparse" || number_of(part)) {
            above /= "..";
            folders.push_back(above);
            folders.push_back(above / "dense/0");
        }
    }
    return folders;
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
        LACT_TRY(const ColmapModel model, read_colmap_model(file));
        const fs::path model_folder = file.parent_path().empty() ? fs::path(".") : file.parent_path();
        const auto photos = folder_of_photos(model, model_folder);
        PhotoSource files(photos ? std::vector{*photos} : folders_around(model_folder));
        SceneFiles scene;
        ViewNotes bad;
        for (const ColmapImage& image : model.images) {
            const auto photo = files.photo(image.name);
            if (!photo) {
                note_no_photo(image.name, photos.value_or("images") / image.name, bad);
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
        if (photos && photos->filename().string().starts_with("images_")) {
            scene.remarks.push_back(
                {RemarkKind::found_elsewhere,
                 {},
                 fmt::format("The photos are the reduced copies in {}.", photos->string())});
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
