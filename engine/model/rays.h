#pragma once

#include "engine/scene/camera.h"
#include "engine/scene/image.h"

#include <span>

#include <ATen/ATen.h>

namespace lact {

/// The nine pose channels of LaCT-NVS for cameras of one size, fp32 [views, 9, h, w]: ray origin, unit
/// direction and moment o x d of every pixel centre (+0.5), in world coordinates.
[[nodiscard]] at::Tensor pose_channels(std::span<const Camera> cameras);

/// The same for a batch of scenes: intrinsics [b, v, 4] (fx fy cx cy) and c2w [b, v, 4, 4] -> [b, v, 9, h,
/// w].
[[nodiscard]] at::Tensor pose_channels(const at::Tensor& fxfycxcy, const at::Tensor& c2w, int64_t height,
                                       int64_t width);

/// [b, v, c, h, w] -> [b, v * (h/p) * (w/p), p * p * c], each token flattened as (ph pw c).
[[nodiscard]] at::Tensor patchify(const at::Tensor& x, int64_t patch);

/// The inverse of patchify(): [b, v * (h/p) * (w/p), p * p * c] -> [b, v, c, h, w].
[[nodiscard]] at::Tensor unpatchify(const at::Tensor& tokens, int64_t views, int64_t height, int64_t width,
                                    int64_t patch);

/// Images as fp32 [1, v, 3, h, w] in [0, 1].
[[nodiscard]] at::Tensor to_tensor(std::span<const ImageF* const> images);
/// An image from a tensor [3, h, w] in [0, 1] on any device and of any floating-point type.
[[nodiscard]] ImageF to_image(const at::Tensor& image);

}  // namespace lact
