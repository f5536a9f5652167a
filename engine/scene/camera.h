#pragma once

#include <Eigen/Core>

namespace lact {

/// A pinhole camera with OpenCV axes: x right, y down, z forward. Intrinsics in pixels of a picture of width
/// x height, pixel centres at +0.5.
struct Camera {
    int width = 0;
    int height = 0;
    double fx = 0;
    double fy = 0;
    double cx = 0;
    double cy = 0;
    Eigen::Matrix4d c2w = Eigen::Matrix4d::Identity();  ///< Camera to world; the last row is 0 0 0 1.

    [[nodiscard]] Eigen::Vector3d position() const { return c2w.block<3, 1>(0, 3); }
    [[nodiscard]] Eigen::Vector3d forward() const { return c2w.block<3, 1>(0, 2); }
};

}  // namespace lact
