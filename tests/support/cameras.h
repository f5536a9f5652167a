#pragma once

#include "engine/scene/camera.h"

#include <vector>

#include <Eigen/Core>
#include <ATen/ATen.h>

namespace lact::test {

/// Poses of a tensor [n, 4, 4].
inline std::vector<Eigen::Matrix4d> poses_from(const at::Tensor& tensor) {
    const auto values = tensor.to(at::kCPU, at::kDouble).contiguous();
    std::vector<Eigen::Matrix4d> poses;
    for (std::int64_t i = 0; i < values.size(0); ++i) {
        const double* first = values.data_ptr<double>() + 16 * i;
        poses.emplace_back(Eigen::Map<const Eigen::Matrix<double, 4, 4, Eigen::RowMajor>>(first));
    }
    return poses;
}

/// [n, 4, 4] in fp64.
inline at::Tensor tensor_of(const std::vector<Eigen::Matrix4d>& poses) {
    auto values = at::empty({static_cast<std::int64_t>(poses.size()), 4, 4}, at::kDouble);
    double* at = values.data_ptr<double>();
    for (const Eigen::Matrix4d& pose : poses) {
        for (Eigen::Index row = 0; row < 4; ++row) {
            for (Eigen::Index column = 0; column < 4; ++column) {
                *at++ = pose(row, column);
            }
        }
    }
    return values;
}

/// Cameras of tensors [n, 4, 4] and [n, 4]; the size stays 0.
inline std::vector<Camera> cameras_from(const at::Tensor& c2w, const at::Tensor& fxfycxcy) {
    const auto intrinsics = fxfycxcy.to(at::kCPU, at::kDouble).contiguous();
    std::vector<Camera> cameras;
    for (const Eigen::Matrix4d& pose : poses_from(c2w)) {
        const double* k = intrinsics.data_ptr<double>() + 4 * cameras.size();
        cameras.push_back({0, 0, k[0], k[1], k[2], k[3], pose});
    }
    return cameras;
}

inline at::Tensor c2w_tensor(const std::vector<Camera>& cameras) {
    std::vector<Eigen::Matrix4d> poses;
    for (const Camera& camera : cameras) {
        poses.push_back(camera.c2w);
    }
    return tensor_of(poses);
}

/// fx fy cx cy as [n, 4] in fp64.
inline at::Tensor intrinsics_tensor(const std::vector<Camera>& cameras) {
    std::vector<double> values;
    for (const Camera& camera : cameras) {
        values.insert(values.end(), {camera.fx, camera.fy, camera.cx, camera.cy});
    }
    return at::tensor(values, at::kDouble).reshape({-1, 4});
}

}  // namespace lact::test
