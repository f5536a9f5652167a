// Scene files of the NeRF family: transforms.json of instant-ngp and nerfstudio, transforms_train.json of
// the original Blender scenes. Camera-to-world with OpenGL axes (x right, y up, z backward), those of Mitsuba
// (x left, y up, z forward) where the file says so.
#include "engine/core/counted.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/image.h"
#include "engine/scene/json_field.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/photo_source.h"
#include "engine/scene/reader.h"
#include "engine/scene/view_policy.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <initializer_list>
#include <map>
#include <numbers>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

/// The file of a whole capture, and those of a capture split into parts. The part for training is read
/// together with the first of the others that exists.
constexpr std::string_view whole_file = "transforms.json";
constexpr std::string_view train_file = "transforms_train.json";
constexpr std::array<std::string_view, 2> reserved_files{"transforms_test.json", "transforms_val.json"};

/// A frame and the top level of its file, which holds defaults for all frames.
struct Frame {
    JsonField own;
    JsonField global;

    /// A field that is null counts as absent.
    [[nodiscard]] std::optional<JsonField> find(std::string_view key) const {
        auto field = own.find_set(key);
        return field ? std::move(field) : global.find_set(key);
    }
};

/// The mask of a frame: the named one, otherwise one beside the photo. `name`: the photo's.
Result<std::optional<fs::path>> read_mask(const Frame& frame, const fs::path& photo, const std::string& name,
                                          PhotoSource& files, ViewNotes& notes) {
    const auto field = frame.own.find_set("mask_path");
    if (!field) {
        return files.mask_beside(photo);
    }
    if (field->value() == "") {
        return usable_mask(std::nullopt, name, notes);
    }
    LACT_TRY(const std::string text, field->text());
    return usable_mask(files.mask(text), name, notes);
}

/// `reduction`: of the image that is there, where the file states no size.
Result<void> read_size(const Frame& frame, const fs::path& image, int reduction, Camera& camera) {
    const auto w = frame.find("w");
    const auto h = frame.find("h");
    if (w.has_value() != h.has_value()) {
        return (w ? *w : *h).bad(fmt::format("is given without \"{}\"", w ? "h" : "w"));
    }
    if (!w) {
        LACT_TRY(const ImageInfo info, image_info(image));
        camera.width = info.width * reduction;
        camera.height = info.height * reduction;
        return {};
    }
    LACT_TRY(camera.width, read_side(*w));
    LACT_TRY(camera.height, read_side(*h));
    return {};
}

/// Focal length in pixels from a field of view over `side` pixels.
Result<double> focal_of_angle(const JsonField& field, int side, bool in_degrees) {
    LACT_TRY(const double stated, field.number());
    const double angle = in_degrees ? stated * std::numbers::pi / 180 : stated;
    if (!(angle > 1e-3 && angle < 0.99 * std::numbers::pi)) {
        return field.bad(
            in_degrees ? fmt::format("is {}, an angle in degrees above 0 and below 180 was expected", stated)
                       : fmt::format("is {}, an angle in radians above 0 and below pi was expected", stated));
    }
    return 0.5 * side / std::tan(0.5 * angle);
}

/// Names of the fields that give the focal length along an axis.
struct FocalKeys {
    std::string_view degrees;  ///< A field of view; of instant-ngp, which prefers it.
    std::string_view length;
    std::string_view radians;
};

/// Whichever field exists; values of the frame before those of the file.
Result<std::optional<double>> read_focal(const Frame& frame, const FocalKeys& keys, int angle_side,
                                         int largest_side) {
    for (const JsonField& level : {frame.own, frame.global}) {
        if (const auto field = level.find_set(keys.degrees)) {
            LACT_TRY(const double focal, focal_of_angle(*field, angle_side, true));
            return focal;
        }
        if (const auto field = level.find_set(keys.length)) {
            LACT_TRY(const double focal, read_focal_length(*field, largest_side));
            return focal;
        }
        if (const auto field = level.find_set(keys.radians)) {
            LACT_TRY(const double focal, focal_of_angle(*field, angle_side, false));
            return focal;
        }
    }
    return std::nullopt;
}

/// Whether a coordinate of the principal point is null beside a number, so that the centre stands for it.
Result<bool> read_intrinsics(const Frame& frame, Camera& camera) {
    const int side = std::max(camera.width, camera.height);
    LACT_TRY(const std::optional<double> fx,
             read_focal(frame, {"x_fov", "fl_x", "camera_angle_x"}, camera.width, side));
    LACT_TRY(const std::optional<double> fy,
             read_focal(frame, {"y_fov", "fl_y", "camera_angle_y"}, camera.height, side));
    if (!fx && !fy) {
        return frame.own.bad(
            "has no focal length: neither it nor the file has \"fl_x\", \"camera_angle_x\" or \"x_fov\"");
    }
    camera.fx = fx ? *fx : *fy;
    camera.fy = fy ? *fy : *fx;
    camera.cx = camera.width / 2.0;
    camera.cy = camera.height / 2.0;
    bool stated = false;
    bool null = false;
    for (const auto& [key, value] : {std::pair{"cx", &camera.cx}, std::pair{"cy", &camera.cy}}) {
        if (const auto field = frame.find(key)) {
            LACT_TRY(*value, read_principal_point(*field, side));
            stated = true;
        } else {
            null = null || frame.own.find(key) || frame.global.find(key);
        }
    }
    return stated && null;
}

/// The lens that `camera_model` (nerfstudio, with names of COLMAP) or `is_fisheye` (instant-ngp) selects.
struct LensKind {
    LensModel model = LensModel::opencv;
    bool rational = false;  ///< FULL_OPENCV: k4 k5 k6 are the denominator.
};

Result<LensKind> read_lens_kind(const Frame& frame) {
    constexpr const char* hint = "Undistort the photos first, for example with COLMAP's image_undistorter.";
    // Fields by which instant-ngp selects its other lenses.
    for (const char* key : {"ftheta_p0", "latlong", "equirectangular", "orthographic"}) {
        if (const auto field = frame.find(key); field && field->value() != false) {
            return field->bad("selects a lens that is not read, a perspective or fisheye lens was expected",
                              hint);
        }
    }
    if (const auto model = frame.find("camera_model"); model && model->value().is_string()) {
        std::string name = model->value().get<std::string>();
        std::ranges::transform(name, name.begin(),
                               [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
        for (const char* known :
             {"OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "RADIAL", "SIMPLE_RADIAL", "PERSPECTIVE"}) {
            if (name == known) {
                return LensKind{};
            }
        }
        for (const char* known : {"OPENCV_FISHEYE", "SIMPLE_RADIAL_FISHEYE", "RADIAL_FISHEYE", "FISHEYE",
                                  "SIMPLE_FISHEYE", "THIN_PRISM_FISHEYE"}) {
            if (name == known) {
                return LensKind{LensModel::fisheye, false};
            }
        }
        if (name == "FULL_OPENCV") {
            return LensKind{LensModel::opencv, true};
        }
        if (name == "FOV") {
            return LensKind{LensModel::fov, false};
        }
        if (name == "RAD_TAN_THIN_PRISM_FISHEYE" || name == "FISHEYE624") {
            return LensKind{LensModel::rad_tan_thin_prism, false};
        }
        return model->bad(fmt::format("is {}, a perspective or fisheye lens was expected", model->shown()),
                          hint);
    }
    const auto fisheye = frame.find("is_fisheye");
    return LensKind{fisheye && fisheye->value() == true ? LensModel::fisheye : LensModel::opencv, false};
}

/// A lens parameter.
Result<double> read_bend(const JsonField& field) {
    LACT_TRY(const double value, field.number());
    if (std::abs(value) > 100) {
        return field.bad(fmt::format("is {}, a lens distortion between -100 and 100 was expected", value));
    }
    return value;
}

/// The twelve parameters of FISHEYE624 in nerfstudio, RAD_TAN_THIN_PRISM_FISHEYE in COLMAP.
Result<void> read_bend_list(const Frame& frame, LensDistortion& distortion) {
    const auto list = frame.find("distortion_params");
    if (!list) {
        return frame.own.bad("has no list \"distortion_params\", which its camera_model requires",
                             "Add k0 to k5, p0, p1 and s0 to s3, or undistort the photos first.");
    }
    if (!list->value().is_array() || list->value().size() != distortion.k.size()) {
        return list->bad(
            fmt::format("is {}, a list of {} numbers was expected", list->shown(), distortion.k.size()));
    }
    for (std::size_t i = 0; i < distortion.k.size(); ++i) {
        LACT_TRY(distortion.k[i], read_bend(list->element(i)));
    }
    return {};
}

/// Names of the parameters of a lens, in the order of LensDistortion::k.
std::vector<std::string_view> bend_keys(const LensKind& kind) {
    if (kind.model == LensModel::fov) {
        return {"omega"};
    }
    std::vector<std::string_view> keys{"k1", "k2", "p1", "p2", "k3"};
    if (kind.model == LensModel::fisheye) {
        keys.insert(keys.end(), {"k4", "sx1", "sy1"});
    } else if (kind.rational) {
        keys.insert(keys.end(), {"k4", "k5", "k6"});
    }
    return keys;
}

Result<void> read_distortion(const Frame& frame, LensDistortion& distortion,
                             std::vector<std::string>& ignored) {
    LACT_TRY(const LensKind kind, read_lens_kind(frame));
    distortion.model = kind.model;
    if (kind.model == LensModel::rad_tan_thin_prism) {
        return read_bend_list(frame, distortion);
    }
    const std::vector<std::string_view> keys = bend_keys(kind);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (const auto field = frame.find(keys[i])) {
            LACT_TRY(distortion.k[i], read_bend(*field));
        }
    }
    if (const auto field = frame.find("k4"); kind.model == LensModel::opencv && !kind.rational && field &&
                                             field->value().is_number() && field->value() != 0) {
        ignored.emplace_back("k4");  // Its meaning differs between programs.
    }
    return {};
}

Result<RigidPose> pose_of_frame(const Frame& frame) {
    LACT_TRY(const JsonField field, frame.own.at("transform_matrix"));
    LACT_TRY(RigidPose pose, read_rigid_pose(field, PoseKind::camera_to_world));
    pose.c2w.col(1) *= -1;
    pose.c2w.col(is_from_mitsuba(frame.global) ? 0 : 2) *= -1;
    return pose;
}

/// Notes about views, and ignored parameters.
struct Notes {
    ViewNotes views;
    std::vector<std::string> ignored;  ///< Names of lens parameters.
    std::vector<std::string> centred;  ///< Photos for which read_intrinsics() is true.
};

/// Nothing if the frame is left out.
Result<std::optional<SceneView>> read_view(const Frame& frame, const fs::path& folder, PhotoSource& files,
                                           Notes& notes) {
    LACT_TRY(const JsonField path, frame.own.at("file_path"));
    LACT_TRY(const std::string text, path.text());
    const auto image = files.photo(text);
    if (!image) {
        note_no_photo(text, resolve(folder, text), notes.views);
        return std::nullopt;
    }
    if (!usable(*image, text, notes.views)) {
        return std::nullopt;
    }
    SceneView view;
    view.image = *image;
    LACT_TRY(view.mask, read_mask(frame, *image, text, files, notes.views));
    LACT_CHECK(read_size(frame, *image, files.reduction(*image), view.camera));
    LACT_TRY(const bool centred, read_intrinsics(frame, view.camera));
    LACT_CHECK(read_distortion(frame, view.distortion, notes.ignored));
    const auto c2w = usable_pose(pose_of_frame(frame), text, notes.views);
    if (!c2w) {
        return std::nullopt;
    }
    view.camera.c2w = *c2w;
    if (centred) {
        notes.centred.push_back(text);
    }
    return std::optional<SceneView>(std::move(view));
}

/// The normalised name of a photo, for comparison between lists and frames: "a/b" for "./a//b" and "a\\b".
std::string plain_name(std::string text) {
    std::replace(text.begin(), text.end(), '\\', '/');
    return fs::path(text).lexically_normal().string();
}

/// The photos of some lists of nerfstudio in a file. Nothing if the file has none of them.
std::optional<std::set<std::string>> listed_photos(const JsonField& top,
                                                   std::initializer_list<const char*> keys) {
    std::optional<std::set<std::string>> names;
    for (const char* key : keys) {
        const auto list = top.find(key);
        if (!list || !list->value().is_array()) {
            continue;
        }
        names.emplace(names.value_or(std::set<std::string>()));
        for (const auto& name : list->value()) {
            if (name.is_string()) {
                names->insert(plain_name(name.get<std::string>()));
            }
        }
    }
    return names;
}

/// Which photos of a file nerfstudio does not train on: those in its lists for testing and validation and, if
/// it lists those to train on, all others.
struct Split {
    std::optional<std::set<std::string>> train;
    std::optional<std::set<std::string>> reserved;

    explicit Split(const JsonField& top)
        : train(listed_photos(top, {"train_filenames"})),
          reserved(listed_photos(top, {"test_filenames", "val_filenames"})) {}

    [[nodiscard]] bool reserves(const JsonField& frame) const {
        const auto path = frame.find("file_path");
        if (!path || !path->value().is_string()) {
            return false;
        }
        const std::string name = plain_name(path->value().get<std::string>());
        return (reserved && reserved->contains(name)) || (train && !train->contains(name));
    }
};

/// Adds the views of one file to the scene; returns its number of frames. `test`: all views are reserved for
/// testing. nerfstudio names such photos in lists of the file.
Result<std::size_t> read_file_of_frames(const fs::path& file, bool test, SceneFiles& scene,
                                        PhotoSource& files, Notes& notes) {
    LACT_TRY(const nlohmann::json json, parse_json_file(file));
    const JsonField top(json, file.string(), {});
    LACT_TRY(const JsonField frames, top.at("frames"));
    if (!frames.value().is_array()) {
        return frames.bad(fmt::format("is {}, a list was expected", frames.shown()));
    }
    const std::size_t count = frames.value().size();
    if (count == 0) {
        return frames.bad("has no poses: the list is empty");
    }
    const Split split(top);
    for (std::size_t i = 0; i < count; ++i) {
        LACT_TRY(std::optional<SceneView> view,
                 read_view({frames.element(i), top}, file.parent_path(), files, notes));
        if (view) {
            view->test = test || split.reserves(frames.element(i));
            scene.views.push_back(std::move(*view));
        }
    }
    return count;
}

/// The number of frames of a file; nothing if it has no list of them.
std::optional<std::size_t> frame_count(const fs::path& file) {
    const auto json = parse_json_file(file);
    const bool frames =
        json && json->is_object() && json->contains("frames") && json->at("frames").is_array();
    return frames ? std::optional(json->at("frames").size()) : std::nullopt;
}

/// The files of a scene. Of a split one: the part for training and that for testing or, without frames for
/// testing, that for validation.
std::vector<fs::path> files_of_scene(const fs::path& path) {
    if (is_file(path)) {
        return {path};
    }
    std::vector<fs::path> files{path / train_file};
    for (const std::string_view name : reserved_files) {
        // Programs write an empty part for testing, as others do not open a scene without one.
        if (is_file(path / name) && frame_count(path / name) != 0U) {
            files.push_back(path / name);
            break;
        }
    }
    return files;
}

/// Says which parts of a split scene are not read.
void remark_on_other_parts(const fs::path& folder, const std::vector<fs::path>& read, SceneFiles& scene) {
    std::vector<std::string_view> names{train_file};
    names.insert(names.end(), reserved_files.begin(), reserved_files.end());
    std::string others;
    for (const std::string_view name : names) {
        if (std::ranges::find(read, folder / name) == read.end() && is_file(folder / name)) {
            others += fmt::format("{}{} ({})", others.empty() ? "" : ", ", name,
                                  counted(frame_count(folder / name).value_or(0), "frame"));
        }
    }
    if (!others.empty()) {
        std::string read_names;
        for (const fs::path& file : read) {
            read_names += (read_names.empty() ? "" : " and ") + file.filename().string();
        }
        scene.remarks.push_back({RemarkKind::unused,
                                 {},
                                 fmt::format("The scene is read from {}; beside {}, not read: {}.",
                                             read_names, read.size() == 1 ? "it" : "them", others)});
    }
}

class TransformsJsonReader final : public SceneReader {
  public:
    [[nodiscard]] std::string_view format() const override { return "transforms-json"; }
    [[nodiscard]] std::string_view looked_for() const override {
        return "transforms.json and transforms_train.json (NeRF, instant-ngp, nerfstudio)";
    }

    [[nodiscard]] std::optional<fs::path> detect(const fs::path& path) const override {
        if (is_file(path / whole_file)) {
            return path / whole_file;
        }
        if (is_file(path / train_file)) {
            return path;
        }
        if (!is_file(path) || !has_json_extension(path)) {
            return std::nullopt;
        }
        if (path.filename().string().starts_with("transforms")) {
            return path;
        }
        const auto json = parse_json_file(path);
        return json && json->is_object() && json->contains("frames") ? std::optional(path) : std::nullopt;
    }

    /// `path`: one file, or the folder of a scene that is split into parts.
    [[nodiscard]] Result<SceneFiles> read(const fs::path& path) const override {
        const std::vector<fs::path> files = files_of_scene(path);
        const fs::path folder = files.front().parent_path();
        SceneFiles scene;
        Notes notes;
        PhotoSource photos({folder});
        std::size_t count = 0;
        for (const fs::path& file : files) {
            LACT_TRY(const std::size_t frames,
                     read_file_of_frames(file, file != files.front(), scene, photos, notes));
            count += frames;
        }
        photos.check(scene);
        LACT_CHECK(settle(scene, notes.views, count,
                          files.size() == 1 ? files.front().string() + ": frames" : path.string()));
        remark_on_other_parts(folder, files, scene);
        if (!notes.centred.empty()) {
            scene.remarks.push_back(
                {RemarkKind::corrected, notes.centred.front(),
                 fmt::format("{} of {} {} null for one coordinate of the principal point, cx or cy; the "
                             "centre of the image is taken for it: {}.",
                             notes.centred.size(), counted(count, "view"),
                             notes.centred.size() == 1 ? "has" : "have", some_of(notes.centred))});
        }
        if (!notes.ignored.empty()) {
            scene.remarks.push_back(
                {RemarkKind::lens,
                 {},
                 fmt::format("The lens distortion {} is ignored: its meaning differs between programs.",
                             notes.ignored.front())});
        }
        return scene;
    }
};

}  // namespace

const SceneReader& transforms_json_reader() {
    static const TransformsJsonReader reader;
    return reader;
}

}  // namespace lact
