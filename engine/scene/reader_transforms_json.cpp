// Scene files of the NeRF family: transforms.json of instant-ngp and nerfstudio, transforms_train.json of
// the original Blender scenes. The camera of a frame is read in transforms_frame.cpp.
#include "engine/core/counted.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/json_field.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/photo_source.h"
#include "engine/scene/reader.h"
#include "engine/scene/scannetpp.h"
#include "engine/scene/transforms_frame.h"
#include "engine/scene/view_policy.h"

#include <algorithm>
#include <array>
#include <initializer_list>
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
constexpr std::string_view undistorted_file = "transforms_undistorted.json";  ///< Of ScanNet++.
constexpr std::string_view train_file = "transforms_train.json";
constexpr std::array<std::string_view, 2> reserved_files{"transforms_test.json", "transforms_val.json"};

/// The mask of a frame: the named one, otherwise one beside the photo. `name`: the photo's.
Result<std::optional<fs::path>> read_mask(const TransformsFrame& frame, const fs::path& photo,
                                          const std::string& name, PhotoSource& files, ViewNotes& notes) {
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

/// Notes about views, and ignored parameters.
struct Notes {
    ViewNotes views;
    std::vector<std::string> ignored;  ///< Names of lens parameters.
    std::vector<std::string> centred;  ///< Photos for which read_frame_intrinsics() is true,
    std::vector<std::string> rolling;  ///< and for which has_rolling_shutter() is.
    std::set<double> times;            ///< At which the frames were taken.
};

/// The photos of a scene, and the folder in which they are expected.
struct PhotosOfFrames {
    PhotoSource files;
    fs::path folder;
};

/// Whether the first frame of a file has a lens; false for what cannot be read, which is said elsewhere.
bool has_lens_of_frames(const fs::path& file) {
    const auto json = parse_json_file(file);
    if (!json) {
        return false;
    }
    const JsonField top(*json, file.string(), {});
    const auto frames = top.find_set("frames");
    if (!frames || !frames->value().is_array() || frames->value().empty()) {
        return false;
    }
    std::vector<std::string> ignored;
    const auto lens = read_frame_lens({frames->element(0), top}, ignored);
    return lens && *lens != LensDistortion{};
}

/// Names are relative to the folder of the file or, of ScanNet++, to folders beside it.
PhotosOfFrames photos_of_frames(const fs::path& file) {
    const fs::path folder = file.parent_path();
    if (is_of_scannetpp(folder)) {
        const auto beside = scannetpp_folders(folder, has_lens_of_frames(file));
        return {PhotoSource({folder, beside->photos}, {folder, beside->masks}), beside->photos};
    }
    return {PhotoSource({folder}), folder};
}

void note_frame(const TransformsFrame& frame, const std::string& name, bool centred, Notes& notes) {
    if (centred) {
        notes.centred.push_back(name);
    }
    if (has_rolling_shutter(frame)) {
        notes.rolling.push_back(name);
    }
    if (const auto time = frame.own.find_set("time"); time && time->value().is_number()) {
        notes.times.insert(time->value().get<double>());
    }
}

/// Nothing if the frame is left out.
Result<std::optional<SceneView>> read_view(const TransformsFrame& frame, PhotosOfFrames& photos,
                                           Notes& notes) {
    LACT_TRY(const JsonField path, frame.own.at("file_path"));
    LACT_TRY(const std::string text, path.text());
    const auto image = photos.files.photo(text);
    if (!image) {
        note_no_photo(text, resolve(photos.folder, text), notes.views);
        return std::nullopt;
    }
    if (!usable(*image, text, notes.views)) {
        return std::nullopt;
    }
    SceneView view;
    view.image = *image;
    LACT_TRY(view.mask, read_mask(frame, *image, text, photos.files, notes.views));
    LACT_CHECK(read_frame_size(frame, *image, photos.files.reduction(*image), view.camera));
    LACT_TRY(const bool centred, read_frame_intrinsics(frame, view.camera));
    LACT_TRY(view.distortion, read_frame_lens(frame, notes.ignored));
    const auto c2w = usable_pose(pose_of_frame(frame), text, notes.views);
    if (!c2w) {
        return std::nullopt;
    }
    view.camera.c2w = *c2w;
    note_frame(frame, text, centred, notes);
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

/// The name of a frame's photo; nothing if it states none.
std::optional<std::string> photo_of_frame(const JsonField& frame) {
    const auto path = frame.find("file_path");
    return path && path->value().is_string() ? std::optional(plain_name(path->value().get<std::string>()))
                                             : std::nullopt;
}

/// Which photos of a file nerfstudio does not train on: those in its lists for testing and validation, those
/// of the frames for testing (ScanNet++) and, if it lists those to train on, all others.
struct Split {
    std::optional<std::set<std::string>> train;
    std::optional<std::set<std::string>> reserved;

    explicit Split(const JsonField& top)
        : train(listed_photos(top, {"train_filenames"})),
          reserved(listed_photos(top, {"test_filenames", "val_filenames"})) {
        const auto frames = top.find_set("test_frames");
        const std::size_t count = frames && frames->value().is_array() ? frames->value().size() : 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (auto name = photo_of_frame(frames->element(i))) {
                if (!reserved) {
                    reserved.emplace();
                }
                reserved->insert(std::move(*name));
            }
        }
    }

    [[nodiscard]] bool reserves(const JsonField& frame) const {
        const auto name = photo_of_frame(frame);
        return name && ((reserved && reserved->contains(*name)) || (train && !train->contains(*name)));
    }
};

/// The lists of frames of a file: all of them or, of ScanNet++, those that are not for testing, and those
/// that are.
Result<std::vector<JsonField>> lists_of_frames(const JsonField& top) {
    LACT_TRY(const JsonField frames, top.at("frames"));
    std::vector<JsonField> lists{frames};
    if (auto test = top.find_set("test_frames")) {
        lists.push_back(std::move(*test));
    }
    for (const JsonField& list : lists) {
        if (!list.value().is_array()) {
            return list.bad(fmt::format("is {}, a list was expected", list.shown()));
        }
    }
    if (frames.value().empty()) {
        return frames.bad("has no poses: the list is empty");
    }
    return lists;
}

/// Adds the views of one file to the scene; returns its number of frames. `test`: all views are reserved for
/// testing. nerfstudio names such photos in lists of the file.
Result<std::size_t> read_file_of_frames(const fs::path& file, bool test, SceneFiles& scene,
                                        PhotosOfFrames& photos, Notes& notes) {
    LACT_TRY(const nlohmann::json json, parse_json_file(file));
    const JsonField top(json, file.string(), {});
    LACT_TRY(const std::vector<JsonField> lists, lists_of_frames(top));
    const Split split(top);
    std::size_t count = 0;
    for (const JsonField& frames : lists) {
        for (std::size_t i = 0; i < frames.value().size(); ++i, ++count) {
            LACT_TRY(std::optional<SceneView> view, read_view({frames.element(i), top}, photos, notes));
            if (view) {
                view->test = test || split.reserves(frames.element(i));
                scene.views.push_back(std::move(*view));
            }
        }
    }
    return count;
}

/// The number of frames of a file, those for testing too; nothing if it has no list of them.
std::optional<std::size_t> frame_count(const fs::path& file) {
    const auto json = parse_json_file(file);
    std::optional<std::size_t> count;
    for (const char* list : {"frames", "test_frames"}) {
        if (json && json->is_object() && json->contains(list) && json->at(list).is_array()) {
            count = count.value_or(0) + json->at(list).size();
        }
    }
    return count;
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
    std::vector<std::string_view> names{train_file, undistorted_file};
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

/// Says what was understood of the frames that is not as written. `count`: of frames.
void remark_on_frames(const Notes& notes, std::size_t count, SceneFiles& scene) {
    const auto some_have = [&](const std::vector<std::string>& photos) {
        return fmt::format("{} of {} {}", photos.size(), counted(count, "view"),
                           photos.size() == 1 ? "has" : "have");
    };
    if (!notes.centred.empty()) {
        scene.remarks.push_back(
            {RemarkKind::corrected, notes.centred.front(),
             fmt::format("{} null for one coordinate of the principal point, cx or cy; the "
                         "centre of the image is taken for it: {}.",
                         some_have(notes.centred), some_of(notes.centred))});
    }
    if (!notes.rolling.empty()) {
        scene.remarks.push_back(
            {RemarkKind::corrected, notes.rolling.front(),
             fmt::format("{} a pose for the first row and one for the last (rolling shutter); that of the "
                         "first is taken for the whole photo: {}.",
                         some_have(notes.rolling), some_of(notes.rolling))});
    }
    if (notes.times.size() > 1) {
        scene.remarks.push_back(
            {RemarkKind::corrected,
             {},
             fmt::format("The frames were taken at different times, {} to {}: what moves is shown as if it "
                         "stood still.",
                         *notes.times.begin(), *notes.times.rbegin())});
    }
    if (!notes.ignored.empty()) {
        scene.remarks.push_back(
            {RemarkKind::lens,
             {},
             fmt::format("The lens distortion {} is ignored: its meaning differs between programs.",
                         notes.ignored.front())});
    }
}

class TransformsJsonReader final : public SceneReader {
  public:
    [[nodiscard]] std::string_view format() const override { return "transforms-json"; }
    [[nodiscard]] std::string_view looked_for() const override {
        return "transforms.json and transforms_train.json (NeRF, instant-ngp, nerfstudio)";
    }

    [[nodiscard]] std::optional<fs::path> detect(const fs::path& path) const override {
        if (auto file = scannetpp_cameras(path)) {
            return file;
        }
        if (is_file(path / whole_file)) {
            return path / whole_file;
        }
        if (is_file(path / train_file)) {
            return path;
        }
        if (is_file(path / undistorted_file)) {
            return path / undistorted_file;
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
        PhotosOfFrames photos = photos_of_frames(files.front());
        std::size_t count = 0;
        for (const fs::path& file : files) {
            LACT_TRY(const std::size_t frames,
                     read_file_of_frames(file, file != files.front(), scene, photos, notes));
            count += frames;
        }
        photos.files.check(scene);
        LACT_CHECK(settle(scene, notes.views, count,
                          files.size() == 1 ? files.front().string() + ": frames" : path.string()));
        remark_on_other_parts(folder, files, scene);
        remark_on_frames(notes, count, scene);
        return scene;
    }
};

}  // namespace

const SceneReader& transforms_json_reader() {
    static const TransformsJsonReader reader;
    return reader;
}

}  // namespace lact
