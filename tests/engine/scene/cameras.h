#pragma once

#include "engine/scene/camera.h"

#include <cmath>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include <Eigen/Geometry>

namespace lact::test {

/// Radians a degree.
inline constexpr double radians = std::numbers::pi / 180;
/// The identity as a `transform_matrix` of transforms.json.
inline const std::string unit_pose = "[[1,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]]";

/// A camera of 64x48 pixels at `position` that looks at `target`; `up` is up in its image.
inline Camera camera_at(const Eigen::Vector3d& position, const Eigen::Vector3d& target,
                        const Eigen::Vector3d& up = Eigen::Vector3d::UnitZ()) {
    Camera camera{64, 48, 70, 72, 33, 23, Eigen::Matrix4d::Identity()};
    const Eigen::Vector3d forward = (target - position).normalized();
    const Eigen::Vector3d right = forward.cross(up).normalized();
    camera.c2w.block<3, 1>(0, 0) = right;
    camera.c2w.block<3, 1>(0, 1) = forward.cross(right);
    camera.c2w.block<3, 1>(0, 2) = forward;
    camera.c2w.block<3, 1>(0, 3) = position;
    return camera;
}

/// `count` cameras around `center` over `degrees` of azimuth, all at one elevation and distance.
inline std::vector<Camera> ring(int count, double degrees, double elevation, double radius,
                                const Eigen::Vector3d& center = Eigen::Vector3d::Zero()) {
    std::vector<Camera> cameras;
    for (int i = 0; i < count; ++i) {
        const double azimuth = degrees * radians * i / count;
        const Eigen::Vector3d direction(std::cos(elevation * radians) * std::cos(azimuth),
                                        std::cos(elevation * radians) * std::sin(azimuth),
                                        std::sin(elevation * radians));
        cameras.push_back(camera_at(center + radius * direction, center));
    }
    return cameras;
}

/// Cameras at random places with random rotations.
inline std::vector<Camera> random_cameras(int count, unsigned seed) {
    std::mt19937 generator(seed);
    std::normal_distribution<double> normal;
    std::vector<Camera> cameras;
    for (int i = 0; i < count; ++i) {
        Camera camera{64, 48, 70, 72, 33, 23, Eigen::Matrix4d::Identity()};
        const Eigen::Quaterniond turn(normal(generator), normal(generator), normal(generator),
                                      normal(generator));
        camera.c2w.block<3, 3>(0, 0) = turn.normalized().toRotationMatrix();
        camera.c2w.block<3, 1>(0, 3) =
            Eigen::Vector3d(normal(generator), normal(generator), normal(generator));
        cameras.push_back(camera);
    }
    return cameras;
}

inline std::vector<Eigen::Matrix4d> poses(const std::vector<Camera>& cameras) {
    std::vector<Eigen::Matrix4d> out;
    out.reserve(cameras.size());
    for (const Camera& camera : cameras) {
        out.push_back(camera.c2w);
    }
    return out;
}

/// Largest deviation of the pose from a rotation and a position: of RᵀR from I, of det R from 1, of the last
/// row.
inline double rigidity_error(const Eigen::Matrix4d& pose) {
    const Eigen::Matrix3d r = pose.block<3, 3>(0, 0);
    return std::max({(r.transpose() * r - Eigen::Matrix3d::Identity()).cwiseAbs().maxCoeff(),
                     std::abs(r.determinant() - 1),
                     (pose.row(3) - Eigen::RowVector4d(0, 0, 0, 1)).cwiseAbs().maxCoeff()});
}

}  // namespace lact::test
