#include "engine/scene/camera.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Geometry>

namespace lact {

Lens lens_of(const Camera& camera) {
    return {{camera.width, camera.height}, camera.fx, camera.fy, camera.cx, camera.cy};
}

Lens typical_lens(std::span<const Camera> cameras) {
    Lens lens;
    lens.reference = {cameras.front().width, cameras.front().height};
    double fov_x = 0;
    double fov_y = 0;
    for (const Camera& camera : cameras) {
        const Eigen::Vector2d fov = field_of_view(camera);
        fov_x += fov.x() / static_cast<double>(cameras.size());
        fov_y += fov.y() / static_cast<double>(cameras.size());
    }
    const auto focal = [](double degrees, int side) {
        return side / (2 * std::tan(degrees * std::numbers::pi / 360));
    };
    lens.fx = focal(fov_x, lens.reference.width);
    lens.fy = focal(fov_y, lens.reference.height);
    lens.cx = lens.reference.width / 2.0;
    lens.cy = lens.reference.height / 2.0;
    return lens;
}

Camera make_camera(const Eigen::Matrix4d& c2w, const Lens& lens, Size size) {
    if (size == lens.reference) {
        return {size.width, size.height, lens.fx, lens.fy, lens.cx, lens.cy, c2w};
    }
    const double scale = std::max(static_cast<double>(size.width) / lens.reference.width,
                                  static_cast<double>(size.height) / lens.reference.height);
    // The crop is symmetric.
    const auto centered = [&](double c, int reference, int side) {
        return (c - reference / 2.0) * scale + side / 2.0;
    };
    return {size.width,
            size.height,
            lens.fx * scale,
            lens.fy * scale,
            centered(lens.cx, lens.reference.width, size.width),
            centered(lens.cy, lens.reference.height, size.height),
            c2w};
}

Eigen::Vector2d field_of_view(const Camera& camera) {
    const auto degrees = [](int side, double focal) {
        return 2 * std::atan(side / (2 * focal)) * 180 / std::numbers::pi;
    };
    return {degrees(camera.width, camera.fx), degrees(camera.height, camera.fy)};
}

std::optional<NearestCamera> nearest_camera(std::span<const Camera> cameras, const Camera& camera,
                                            double scale) {
    std::optional<NearestCamera> nearest;
    double least = 0;
    for (std::size_t i = 0; i < cameras.size(); ++i) {
        const double distance = (cameras[i].position() - camera.position()).norm();
        const Eigen::Vector3d a = cameras[i].forward();
        const Eigen::Vector3d b = camera.forward();
        const double angle = std::atan2(a.cross(b).norm(), a.dot(b));
        const double cost = distance / scale + angle;
        if (!nearest || cost < least) {
            least = cost;
            nearest = {i, distance, angle * 180 / std::numbers::pi};
        }
    }
    return nearest;
}

bool coincide(const Camera& camera, const Camera& other) {
    const auto close = [](double a, double b) {
        return std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)});
    };
    return camera.width == other.width && camera.height == other.height && close(camera.fx, other.fx) &&
           close(camera.fy, other.fy) && close(camera.cx, other.cx) && close(camera.cy, other.cy) &&
           (camera.c2w - other.c2w).cwiseAbs().maxCoeff() <=
               1e-9 * std::max(1.0, other.c2w.cwiseAbs().maxCoeff());
}

}  // namespace lact
