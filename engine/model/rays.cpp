#include "engine/model/rays.h"

#include <cstring>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

at::Tensor pose_channels(const at::Tensor& fxfycxcy, const at::Tensor& c2w, int64_t height, int64_t width) {
    const auto options = fxfycxcy.options();
    const int64_t b = c2w.size(0);
    const int64_t v = c2w.size(1);
    const auto x = (at::arange(width, options) + 0.5).view({1, 1, 1, width});
    const auto y = (at::arange(height, options) + 0.5).view({1, 1, height, 1});
    const auto intrinsic = [&](int64_t i) { return fxfycxcy.select(2, i).view({b, v, 1, 1}); };
    const auto along_x = ((x - intrinsic(2)) / intrinsic(0)).expand({b, v, height, width});
    const auto along_y = ((y - intrinsic(3)) / intrinsic(1)).expand({b, v, height, width});
    const auto in_camera =
        at::stack({along_x, along_y, at::ones_like(along_x)}, 2).view({b, v, 3, height * width});
    const auto rotation = c2w.slice(2, 0, 3).slice(3, 0, 3);
    auto direction = at::matmul(rotation, in_camera);
    direction = direction / direction.norm(2, {2}, /*keepdim=*/true);
    const auto origin = c2w.slice(2, 0, 3).slice(3, 3, 4).expand_as(direction);
    const auto moment = at::cross(origin, direction, 2);
    return at::cat({origin, direction, moment}, 2).view({b, v, 9, height, width});
}

at::Tensor pose_channels(std::span<const Camera> cameras) {
    const auto count = static_cast<int64_t>(cameras.size());
    std::vector<float> intrinsics;
    std::vector<float> poses;
    for (const Camera& camera : cameras) {
        for (const double value : {camera.fx, camera.fy, camera.cx, camera.cy}) {
            intrinsics.push_back(static_cast<float>(value));
        }
        for (int row = 0; row < 4; ++row) {
            for (int column = 0; column < 4; ++column) {
                poses.push_back(static_cast<float>(camera.c2w(row, column)));
            }
        }
    }
    return pose_channels(at::tensor(intrinsics).view({1, count, 4}), at::tensor(poses).view({1, count, 4, 4}),
                         cameras.front().height, cameras.front().width)
        .squeeze(0);
}

at::Tensor patchify(const at::Tensor& x, int64_t patch) {
    const int64_t b = x.size(0);
    const int64_t v = x.size(1);
    const int64_t c = x.size(2);
    const int64_t rows = x.size(3) / patch;
    const int64_t columns = x.size(4) / patch;
    return x.reshape({b, v, c, rows, patch, columns, patch})
        .permute({0, 1, 3, 5, 4, 6, 2})
        .reshape({b, v * rows * columns, patch * patch * c});
}

at::Tensor unpatchify(const at::Tensor& tokens, int64_t views, int64_t height, int64_t width, int64_t patch) {
    const int64_t b = tokens.size(0);
    const int64_t c = tokens.size(2) / (patch * patch);
    return tokens.reshape({b, views, height / patch, width / patch, patch, patch, c})
        .permute({0, 1, 6, 2, 4, 3, 5})
        .reshape({b, views, c, height, width});
}

at::Tensor to_tensor(std::span<const ImageF* const> images) {
    std::vector<at::Tensor> views;
    for (const ImageF* image : images) {
        auto view = at::empty({image->height, image->width, 3}, at::kFloat);
        std::memcpy(view.data_ptr<float>(), image->rgb.data(), image->rgb.size() * sizeof(float));
        views.push_back(view.permute({2, 0, 1}));
    }
    return at::stack(views).unsqueeze(0);
}

ImageF to_image(const at::Tensor& chw) {
    const auto pixels = chw.to(at::kCPU, at::kFloat).permute({1, 2, 0}).contiguous();
    ImageF image;
    image.height = static_cast<int>(pixels.size(0));
    image.width = static_cast<int>(pixels.size(1));
    image.rgb.assign(pixels.data_ptr<float>(), pixels.data_ptr<float>() + pixels.numel());
    return image;
}

}  // namespace lact
