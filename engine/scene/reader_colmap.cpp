// Scenes with cameras from COLMAP: a sparse model beside a folder of photos.
#include "engine/scene/camera_fields.h"
#include "engine/scene/colmap_model.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/reader.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

/// Folders of models below that of a scene: COLMAP, nerfstudio, and COLMAP's dense workspace.
constexpr std::array<std::string_view, 4> model_folders{"sparse", "colmap/sparse", "dense/sparse",
                                                        "distorted/sparse"};

/// The models of one mapper run (0, 1, …): their files with photos.
std::vector<fs::path> models_of_a_run(const fs::path& sparse) {
    std::vector<fs::path> files;
    for (int number = 0; number < 1000; ++number) {
        if (auto file = colmap_images_file(sparse / std::to_string(number))) {
            files.push_back(std::move(*file));
        } else if (number > 0) {
            break;  // Some runs start at 1.
        }
    }
    return files;
}

/// The model of a mapper run with the most photos; COLMAP writes several models if it cannot join them. If
/// the number of photos is unknown, the largest file. Nothing if there are no models.
std::optional<fs::path> largest_model(const fs::path& sparse) {
    std::optional<fs::path> best;
    std::pair<std::size_t, std::uintmax_t> most;
    for (const fs::path& file : models_of_a_run(sparse)) {
        std::error_code code;
        const std::uintmax_t bytes = fs::file_size(file, code);
        const std::pair here{colmap_image_count(file), code ? 0 : bytes};
        if (!best || here > most) {
            best = file;
            most = here;
        }
    }
    return best;
}

/// A sentence if the model is one of several of its run; empty otherwise.
std::string note_on_parts(const fs::path& file, std::size_t photos) {
    const fs::path model = file.parent_path();
    const std::string name = model.filename().string();
    if (name.empty() || name.find_first_not_of("0123456789") != std::string::npos) {
        return {};
    }
    const std::size_t models = models_of_a_run(model.parent_path()).size();
    return models < 2 ? std::string()
                      : fmt::format(
                            "COLMAP made {} models that it could not join; the one in {}, of {} "
                            "photos, is read.",
                            models, model.string(), photos);
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

/// Candidate folders for the photos, most likely first. Reduced copies (images_4) come last: they are used
/// only if there are no full images.
std::vector<fs::path> photo_folders(const fs::path& model) {
    std::vector<fs::path> folders;
    for (const char* name : {"images", "input", "photos", ".", "images_2", "images_4", "images_8"}) {
        fs::path above = model;
        for (int levels = 0; levels < 4; ++levels) {
            folders.push_back((above / name).lexically_normal());
            above /= "..";
        }
    }
    return folders;
}

/// The first folder that holds the most photos; nothing if none holds any.
std::optional<fs::path> folder_of_photos(const ColmapModel& model, const fs::path& model_folder) {
    std::optional<fs::path> best;
    std::size_t most = 0;
    for (const fs::path& folder : photo_folders(model_folder)) {
        std::error_code code;
        if (!fs::is_directory(folder, code)) {
            continue;
        }
        const auto found = static_cast<std::size_t>(
            std::count_if(model.images.begin(), model.images.end(),
                          [&](const ColmapImage& image) { return is_file(folder / image.name); }));
        if (found > most) {
            most = found;
            best = folder;
        }
    }
    return best;
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
        if (!photos) {
            return fail(file.string(),
                        fmt::format("lists {} photos, but not one of them exists; the first is {}",
                                    model.images.size(), model.images.front().name),
                        "Put the photos into a folder \"images\" beside the folder \"sparse\".");
        }
        SceneFiles scene;
        PhotoNotes notes;
        for (const ColmapImage& image : model.images) {
            SceneView view;
            view.image = *photos / image.name;
            if (!is_file(view.image)) {
                notes.missing.push_back(image.name);
                continue;
            }
            if (!usable(view.image, image.name, notes)) {
                continue;
            }
            const ColmapCamera& camera = model.cameras.at(image.camera);
            view.camera = camera.intrinsics;
            view.camera.c2w = image.c2w;
            view.distortion = camera.lens;
            view.mask = guess_mask(view.image);
            if (view.mask) {
                notes.guessed_masks.push_back(*view.mask);
            }
            scene.views.push_back(std::move(view));
        }
        if (scene.views.empty()) {
            return fail(file.string(),
                        fmt::format("lists {} photos, {}", model.images.size(), none_usable(notes, "")),
                        "Put the original photos back.");
        }
        scene.remarks = remarks_of(notes, model.images.size());
        if (std::string parts = note_on_parts(file, model.images.size()); !parts.empty()) {
            scene.remarks.push_back({RemarkKind::unused, {}, std::move(parts)});
        }
        if (photos->filename().string().starts_with("images_")) {
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
