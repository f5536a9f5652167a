#pragma once

#include "engine/core/error.h"

#include <cstdint>

#include <ATen/ATen.h>

namespace lact {

/// Rotations of the rotary positions of the hierarchical ViTTT models for h x w positions of `channels`
/// channels: cosine and sine [h, w, channels / 2, 2]. Neighbouring channels form pairs; the first half of
/// the pairs turns with the row, the second with the column; base 10000. Errors: channels that are not a
/// multiple of 4, an empty grid.
[[nodiscard]] Result<at::Tensor> rotary_rotations(std::int64_t h, std::int64_t w, std::int64_t channels,
                                                  const at::TensorOptions& options);

/// Turns the pairs of x [batch, h * w, channels], row after row.
[[nodiscard]] at::Tensor rotated(const at::Tensor& x, const at::Tensor& rotations);

}  // namespace lact
