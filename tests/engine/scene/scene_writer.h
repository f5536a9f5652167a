#pragma once

#include "engine/scene/camera.h"
#include "engine/scene/scene_files.h"
#include "tests/engine/scene/images.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::test {

/// The formats of scenes, one for each reader.
enum class SceneFormat { lact, transforms, colmap };
inline constexpr std::array scene_formats{SceneFormat::lact, SceneFormat::transforms, SceneFormat::colmap};

inline std::string to_string(SceneFormat format) {
    return format == SceneFormat::lact ? "lact" : format == SceneFormat::transforms ? "transforms" : "colmap";
}

inline void write_text(const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

/// A photo of 8x6 pixels, white so that it is also a mask. PNG whatever the name's ending: readers look at
/// the bytes.
inline void put_photo(const std::filesystem::path& file) {
    static const std::string bytes = *encode_png(plain_image(8, 6, {255, 255, 255}));
    write_text(file, bytes);
}

/// A view to be written: a photo, and its camera in OpenCV axes.
struct WrittenView {
    std::string photo;  ///< Its name as the format writes it.
    Camera camera;
    std::string mask;  ///< For mask_path; none if empty. COLMAP names no masks.
    std::string pose;  ///< In place of the written pose: JSON, or seven numbers of COLMAP.
};

/// A number as Python writes it to JSON.
inline std::string number_text(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value > 0 ? "Infinity" : "-Infinity";
    }
    return fmt::format("{:.17g}", value);
}

/// The matrix as a list of rows in JSON.
inline std::string matrix_text(const Eigen::Matrix4d& matrix) {
    std::string text = "[";
    for (Eigen::Index r = 0; r < 4; ++r) {
        text += r > 0 ? ",[" : "[";
        for (Eigen::Index c = 0; c < 4; ++c) {
            text += (c > 0 ? "," : "") + number_text(matrix(r, c));
        }
        text += "]";
    }
    return text + "]";
}

/// The pose as a format states it: world to camera for LaCT, OpenGL axes for transforms.json.
inline Eigen::Matrix4d stated_pose(SceneFormat format, const Eigen::Matrix4d& c2w) {
    Eigen::Matrix4d stated = c2w;
    if (format == SceneFormat::transforms) {
        stated.col(1) *= -1;
        stated.col(2) *= -1;
        return stated;
    }
    return stated.inverse();
}

/// A quaternion w x y z and a translation of COLMAP.
inline std::string colmap_pose_text(const Eigen::Matrix4d& c2w) {
    const Eigen::Matrix4d w2c = c2w.inverse();
    const Eigen::Quaterniond q(Eigen::Matrix3d(w2c.block<3, 3>(0, 0)));
    return fmt::format("{:.17g} {:.17g} {:.17g} {:.17g} {:.17g} {:.17g} {:.17g}", q.w(), q.x(), q.y(), q.z(),
                       w2c(0, 3), w2c(1, 3), w2c(2, 3));
}

/// A frame of one of the JSON formats.
inline std::string frame_text(SceneFormat format, const WrittenView& view) {
    const Camera& c = view.camera;
    const bool lact = format == SceneFormat::lact;
    const std::string mask = view.mask.empty() ? "" : fmt::format(R"("mask_path": "{}", )", view.mask);
    return fmt::format(R"({{"file_path": {}, "w": {}, "h": {}, "{}": {:.17g}, "{}": {:.17g}, )"
                       R"("cx": {:.17g}, "cy": {:.17g}, {}"{}": {}}})",
                       nlohmann::json(view.photo).dump(), c.width, c.height, lact ? "fx" : "fl_x", c.fx,
                       lact ? "fy" : "fl_y", c.fy, c.cx, c.cy, mask, lact ? "w2c" : "transform_matrix",
                       view.pose.empty() ? matrix_text(stated_pose(format, c.c2w)) : view.pose);
}

/// Writes the file or files of a scene to a folder.
inline void write_scene(const std::filesystem::path& folder, SceneFormat format,
                        const std::vector<WrittenView>& views) {
    if (format == SceneFormat::colmap) {
        std::string cameras;
        std::string images;
        int number = 0;
        for (const WrittenView& view : views) {
            const Camera& c = view.camera;
            ++number;
            cameras += fmt::format("{} PINHOLE {} {} {:.17g} {:.17g} {:.17g} {:.17g}\n", number, c.width,
                                   c.height, c.fx, c.fy, c.cx, c.cy);
            images +=
                fmt::format("{} {} {} {}\n\n", number,
                            view.pose.empty() ? colmap_pose_text(c.c2w) : view.pose, number, view.photo);
        }
        write_text(folder / "sparse/0/cameras.txt", cameras);
        write_text(folder / "sparse/0/images.txt", images);
        return;
    }
    std::string frames;
    for (const WrittenView& view : views) {
        frames += (frames.empty() ? "" : ",\n") + frame_text(format, view);
    }
    write_text(folder / (format == SceneFormat::lact ? "opencv_cameras.json" : "transforms.json"),
               "{\"frames\": [" + frames + "]}");
}

/// The same for views whose photos lie in the folder images.
inline void write_scene_of_images(const std::filesystem::path& folder, SceneFormat format,
                                  std::vector<WrittenView> views) {
    if (format != SceneFormat::colmap) {  // COLMAP's names are relative to that folder.
        for (WrittenView& view : views) {
            view.photo = "images/" + view.photo;
        }
    }
    write_scene(folder, format, views);
}

/// A scene with a camera for every name, on a line along x, looking along z.
inline void write_line_of_cameras(const std::filesystem::path& folder, SceneFormat format,
                                  const std::vector<std::string>& names) {
    std::vector<WrittenView> views;
    for (const std::string& name : names) {
        Camera camera;
        camera.width = 8;
        camera.height = 6;
        camera.fx = camera.fy = 9;
        camera.cx = 4;
        camera.cy = 3;
        camera.c2w(0, 3) = static_cast<double>(views.size());
        views.push_back({name, camera, {}, {}});
    }
    write_scene(folder, format, views);
}

/// The texts of the remarks of one kind.
inline std::vector<std::string> texts_of(const SceneFiles& scene, RemarkKind kind) {
    std::vector<std::string> texts;
    for (const SceneRemark& remark : scene.remarks) {
        if (remark.kind == kind) {
            texts.push_back(remark.text);
        }
    }
    return texts;
}

}  // namespace lact::test
