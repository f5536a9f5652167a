#include "engine/ttt/rotary.h"

#include <fmt/format.h>

namespace lact {

Result<at::Tensor> rotary_rotations(std::int64_t h, std::int64_t w, std::int64_t channels,
                                    const at::TensorOptions& options) {
    if (channels < 4 || channels % 4 != 0) {
        return fail("channels",
                    fmt::format("{}; rotary positions of a picture need a multiple of 4", channels),
                    "Half of the pairs turn with the row, half with the column.");
    }
    if (h < 1 || w < 1) {
        return fail("positions", fmt::format("a grid of {} x {} is empty", h, w));
    }
    const auto exact = options.dtype(at::kDouble);
    const std::int64_t per_axis = channels / 4;
    const at::Tensor speed = at::pow(10000.0, -at::arange(per_axis, exact) / per_axis);
    const at::Tensor down = at::arange(h, exact).view({h, 1, 1}) * speed;
    const at::Tensor across = at::arange(w, exact).view({1, w, 1}) * speed;
    const at::Tensor angles = at::cat({down.expand({h, w, per_axis}), across.expand({h, w, per_axis})}, 2);
    return at::stack({angles.cos(), angles.sin()}, 3).to(options.dtype());
}

at::Tensor rotated(const at::Tensor& x, const at::Tensor& rotations) {
    const at::Tensor turn = rotations.flatten(0, 1);  // [h w, pairs, 2]
    const at::Tensor cosine = turn.select(2, 0);
    const at::Tensor sine = turn.select(2, 1);
    const at::Tensor pairs = x.unflatten(2, {x.size(2) / 2, 2});
    const at::Tensor real = pairs.select(3, 0);
    const at::Tensor imaginary = pairs.select(3, 1);
    return at::stack({real * cosine - imaginary * sine, real * sine + imaginary * cosine}, 3).flatten(2);
}

}  // namespace lact
