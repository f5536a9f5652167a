// Scene files of LaCT: opencv_cameras.json, a list of {w, h, fx, fy, cx, cy, w2c, file_path}. LVSM's files of
// RealEstate10K, one for each scene, have {image_path, fxfycxcy, w2c} in its place.
#include "engine/scene/camera_fields.h"
#include "engine/scene/image.h"
#include "engine/scene/json_field.h"
#include "engine/scene/photo_source.h"
#include "engine/scene/reader.h"
#include "engine/scene/view_policy.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include <Eigen/LU>
#include <fmt/format.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view file_name = "opencv_cameras.json";

/// The list of views: the file itself, or "frames" of an object.
std::optional<JsonField> find_views(const nlohmann::json& json, const std::string& file) {
    if (json.is_array()) {
        return JsonField(json, file, "views");
    }
    return JsonField(json, file, {}).find("frames");
}

/// The mask of a view: the named one, otherwise one beside the photo. `name`: the photo's.
Result<std::optional<fs::path>> read_mask(const JsonField& view, const fs::path& photo,
                                          const std::string& name, PhotoSource& files, ViewNotes& notes) {
    const auto field = view.find_set("mask_path");
    if (!field) {
        return files.mask_beside(photo);
    }
    if (field->value() == "") {
        return usable_mask(std::nullopt, name, notes);
    }
    LACT_TRY(const std::string text, field->text());
    return usable_mask(files.mask(text), name, notes);
}

/// The size in the file, or that of the image if the file states none; `reduction`: of the image that is
/// there.
Result<void> read_size(const JsonField& view, const fs::path& image, int reduction, Camera& camera) {
    const auto w = view.find_set("w");
    const auto h = view.find_set("h");
    if (!w && !h) {
        LACT_TRY(const ImageInfo info, image_info(image));
        camera.width = info.width * reduction;
        camera.height = info.height * reduction;
        return {};
    }
    LACT_TRY(const JsonField width, view.at("w"));
    LACT_TRY(const JsonField height, view.at("h"));
    LACT_TRY(camera.width, read_side(width));
    LACT_TRY(camera.height, read_side(height));
    return {};
}

/// The name of the photo.
Result<JsonField> path_of_view(const JsonField& view) {
    if (auto path = view.find_set("image_path"); path && !view.find("file_path")) {
        return std::move(*path);
    }
    return view.at("file_path");
}

/// "fx", "fy", "cx" or "cy", or its `place` in the list of all four.
Result<JsonField> intrinsic_of_view(const JsonField& view, std::string_view key, std::size_t place) {
    const auto list = view.find_set("fxfycxcy");
    if (!list || view.find(key)) {
        return view.at(key);
    }
    if (!list->value().is_array() || list->value().size() != 4) {
        return list->bad(fmt::format("is {}, a list of 4 numbers was expected", list->shown()));
    }
    return list->element(place);
}

Result<void> read_intrinsics(const JsonField& view, Camera& camera) {
    const int side = std::max(camera.width, camera.height);
    std::size_t place = 0;
    for (const auto& [key, value] : {std::pair{"fx", &camera.fx}, std::pair{"fy", &camera.fy}}) {
        LACT_TRY(const JsonField field, intrinsic_of_view(view, key, place++));
        LACT_TRY(*value, read_focal_length(field, side));
    }
    for (const auto& [key, value] : {std::pair{"cx", &camera.cx}, std::pair{"cy", &camera.cy}}) {
        LACT_TRY(const JsonField field, intrinsic_of_view(view, key, place++));
        LACT_TRY(*value, read_principal_point(field, side));
    }
    return {};
}

Result<RigidPose> pose_of_view(const JsonField& view) {
    LACT_TRY(const JsonField field, view.at("w2c"));
    return read_rigid_pose(field, PoseKind::world_to_camera);
}

/// Nothing if the view is left out.
Result<std::optional<SceneView>> read_view(const JsonField& field, const fs::path& folder, PhotoSource& files,
                                           ViewNotes& notes) {
    SceneView view;
    LACT_TRY(const JsonField path, path_of_view(field));
    LACT_TRY(const std::string text, path.text());
    const auto photo = files.photo(text);
    if (!photo) {
        note_no_photo(text, resolve(folder, text), notes);
        return std::nullopt;
    }
    view.image = *photo;
    if (!usable(view.image, text, notes)) {
        return std::nullopt;
    }
    LACT_TRY(view.mask, read_mask(field, view.image, text, files, notes));
    LACT_CHECK(read_size(field, view.image, files.reduction(view.image), view.camera));
    LACT_CHECK(read_intrinsics(field, view.camera));
    const auto c2w = usable_pose(pose_of_view(field), text, notes);
    if (!c2w) {
        return std::nullopt;
    }
    view.camera.c2w = *c2w;
    return std::optional<SceneView>(std::move(view));
}

class LactJsonReader final : public SceneReader {
  public:
    [[nodiscard]] std::string_view format() const override { return "lact-json"; }
    [[nodiscard]] std::string_view looked_for() const override { return "opencv_cameras.json (LaCT)"; }

    [[nodiscard]] std::optional<fs::path> detect(const fs::path& path) const override {
        if (is_file(path / file_name)) {
            return path / file_name;
        }
        if (!is_file(path)) {
            return std::nullopt;
        }
        if (path.filename() == file_name) {
            return path;
        }
        if (!has_json_extension(path)) {
            return std::nullopt;
        }
        const auto json = parse_json_file(path);
        if (!json) {
            return std::nullopt;
        }
        const auto views = find_views(*json, path.string());
        const bool ours = views && views->value().is_array() && !views->value().empty() &&
                          views->element(0).find("w2c").has_value();
        return ours ? std::optional(path) : std::nullopt;
    }

    [[nodiscard]] Result<SceneFiles> read(const fs::path& file) const override {
        LACT_TRY(const nlohmann::json json, parse_json_file(file));
        const auto views = find_views(json, file.string());
        if (!views || !views->value().is_array()) {
            return JsonField(json, file.string(), {})
                .bad("is not a list of views and has no list \"frames\"");
        }
        if (views->value().empty()) {
            return views->bad("has no poses: the list of views is empty");
        }
        SceneFiles scene;
        ViewNotes notes;
        PhotoSource files({file.parent_path()});
        const std::size_t count = views->value().size();
        for (std::size_t i = 0; i < count; ++i) {
            LACT_TRY(std::optional<SceneView> view,
                     read_view(views->element(i), file.parent_path(), files, notes));
            if (view) {
                scene.views.push_back(std::move(*view));
            }
        }
        files.check(scene);
        LACT_CHECK(settle(scene, notes, count, views->where()));
        return scene;
    }
};

}  // namespace

const SceneReader& lact_json_reader() {
    static const LactJsonReader reader;
    return reader;
}

}  // namespace lact
