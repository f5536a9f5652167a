#pragma once

#include "engine/scene/camera.h"
#include "tests/support/temporary_folder.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <fmt/format.h>

namespace lact::test {

/// The formats of scenes.
enum class WrittenFormat { lact, transforms, colmap };
inline constexpr std::array written_formats{WrittenFormat::lact, WrittenFormat::transforms,
                                            WrittenFormat::colmap};

/// A view to be written: a photo in the folder images, and its camera in OpenCV axes.
struct WrittenView {
    std::string photo;
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
inline Eigen::Matrix4d stated_pose(WrittenFormat format, const Eigen::Matrix4d& c2w) {
    Eigen::Matrix4d stated = c2w;
    if (format == WrittenFormat::transforms) {
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
inline std::string frame_text(WrittenFormat format, const WrittenView& view) {
    const Camera& c = view.camera;
    const bool lact = format == WrittenFormat::lact;
    const std::string mask = view.mask.empty() ? "" : fmt::format(R"("mask_path": "{}", )", view.mask);
    return fmt::format(R"({{"file_path": "images/{}", "w": {}, "h": {}, "{}": {:.17g}, "{}": {:.17g}, )"
                       R"("cx": {:.17g}, "cy": {:.17g}, {}"{}": {}}})",
                       view.photo, c.width, c.height, lact ? "fx" : "fl_x", c.fx, lact ? "fy" : "fl_y", c.fy,
                       c.cx, c.cy, mask, lact ? "w2c" : "transform_matrix",
                       view.pose.empty() ? matrix_text(stated_pose(format, c.c2w)) : view.pose);
}

/// Writes the file or files of a scene beside the folder images and returns the path to open.
inline std::filesystem::path write_scene(const TemporaryFolder& folder, WrittenFormat format,
                                         const std::vector<WrittenView>& views) {
    if (format == WrittenFormat::colmap) {
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
        std::filesystem::create_directories(folder.path() / "sparse/0");
        (void)folder.file("sparse/0/cameras.txt", cameras);
        (void)folder.file("sparse/0/images.txt", images);
        return folder.path();
    }
    std::string frames;
    for (const WrittenView& view : views) {
        frames += (frames.empty() ? "" : ",\n") + frame_text(format, view);
    }
    const char* name = format == WrittenFormat::lact ? "opencv_cameras.json" : "transforms.json";
    (void)folder.file(name, "{\"frames\": [" + frames + "]}");
    return folder.path();
}

}  // namespace lact::test
