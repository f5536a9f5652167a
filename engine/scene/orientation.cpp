#include "engine/scene/orientation.h"

#include "engine/core/counted.h"
#include "engine/scene/exif.h"
#include "engine/scene/image.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/prepare.h"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lact {
namespace {

/// The rotation from the stored image plane to the upright one; x right, y down.
Eigen::Matrix2d turn_of_plane(int orientation) {
    Eigen::Matrix2d turn = Eigen::Matrix2d::Identity();
    switch (orientation) {
        case 3:
            turn << -1, 0, 0, -1;
            break;
        case 6:  // Right becomes down: clockwise by 90 degrees.
            turn << 0, -1, 1, 0;
            break;
        case 8:
            turn << 0, 1, -1, 0;
            break;
        default:
            break;
    }
    return turn;
}

/// Rotates the vector of two lens parameters.
void rotate(const Eigen::Matrix2d& turn, double& x, double& y) {
    const Eigen::Vector2d rotated = turn * Eigen::Vector2d(x, y);
    x = rotated.x();
    y = rotated.y();
}

/// What happened to a view.
enum class Turned { no, photo, photo_and_camera, mirrored };

Turned stand_upright(SceneView& view) {
    const int orientation = exif_orientation(view.image);
    if (orientation == 1) {
        return Turned::no;
    }
    const auto info = image_info(view.image);
    if (!info) {
        return Turned::no;
    }
    const Size stated = view.camera.size();
    if (same_aspect({info->width, info->height}, stated)) {
        if (!is_rotation(orientation)) {
            return Turned::mirrored;
        }
        view.camera = upright(view.camera, orientation);
        view.distortion = upright(view.distortion, orientation);
        view.orientation = orientation;
        return Turned::photo_and_camera;
    }
    if (turns_sides(orientation) && same_aspect({info->height, info->width}, stated)) {
        view.orientation = orientation;
        return Turned::photo;
    }
    return Turned::no;
}

}  // namespace

Camera upright(const Camera& camera, int orientation) {
    const Eigen::Matrix2d turn = turn_of_plane(orientation);
    Camera out = camera;
    if (turns_sides(orientation)) {
        std::swap(out.width, out.height);
        std::swap(out.fx, out.fy);
    }
    // The principal point relative to the centre of the image rotates as a vector does.
    double x = camera.cx - camera.width / 2.0;
    double y = camera.cy - camera.height / 2.0;
    rotate(turn, x, y);
    out.cx = out.width / 2.0 + x;
    out.cy = out.height / 2.0 + y;
    Eigen::Matrix4d back = Eigen::Matrix4d::Identity();
    back.block<2, 2>(0, 0) = turn.transpose();
    out.c2w = camera.c2w * back;
    return out;
}

LensDistortion upright(const LensDistortion& lens, int orientation) {
    const Eigen::Matrix2d turn = turn_of_plane(orientation);
    LensDistortion out = lens;
    auto& k = out.k;
    switch (lens.model) {
        case LensModel::opencv:
            rotate(turn, k[3], k[2]);  // p2 displaces along x, p1 along y.
            break;
        case LensModel::fisheye:
            rotate(turn, k[3], k[2]);
            rotate(turn, k[6], k[7]);
            break;
        case LensModel::rad_tan_thin_prism:
            rotate(turn, k[6], k[7]);
            rotate(turn, k[8], k[10]);
            rotate(turn, k[9], k[11]);
            break;
        case LensModel::fov:
        case LensModel::division:
        case LensModel::unified:
            break;  // Symmetric around the axis.
    }
    return out;
}

void stand_upright(SceneFiles& scene) {
    std::vector<std::string> turned;
    std::vector<std::string> mirrored;
    for (SceneView& view : scene.views) {
        const std::string name = view.image.filename().string();
        switch (stand_upright(view)) {
            case Turned::photo_and_camera:
                turned.push_back(name);
                break;
            case Turned::mirrored:
                mirrored.push_back(name);
                break;
            case Turned::no:
            case Turned::photo:
                break;
        }
    }
    if (!turned.empty()) {
        scene.remarks.push_back(
            {RemarkKind::corrected, turned.front(),
             fmt::format(
                 "{} of {} {} stored turned (EXIF orientation) and {} to the stored pixels; photos and "
                 "cameras are turned upright: {}.",
                 turned.size(), counted(scene.views.size(), "photo"), turned.size() == 1 ? "is" : "are",
                 turned.size() == 1 ? "its camera belongs" : "their cameras belong", some_of(turned))});
    }
    if (!mirrored.empty()) {
        scene.remarks.push_back(
            {RemarkKind::corrected, mirrored.front(),
             fmt::format("{} of {} {} a mirrored EXIF orientation, which no camera can follow; {} used as "
                         "stored: {}.",
                         mirrored.size(), counted(scene.views.size(), "photo"),
                         mirrored.size() == 1 ? "has" : "have", mirrored.size() == 1 ? "it is" : "they are",
                         some_of(mirrored))});
    }
}

}  // namespace lact
