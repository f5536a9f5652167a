#include "engine/ttt/vittt_block.h"

#include "engine/ttt/rotary.h"
#include "engine/ttt/vittt_conv.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

Result<void> check_shape(const char* name, const at::Tensor& tensor, const std::vector<std::int64_t>& shape) {
    if (!tensor.defined() || tensor.sizes() != at::IntArrayRef(shape)) {
        const auto is = tensor.defined() ? tensor.sizes().vec() : std::vector<std::int64_t>{};
        return fail(name, fmt::format("has the shape [{}], needed is [{}]", fmt::join(is, ", "),
                                      fmt::join(shape, ", ")));
    }
    return {};
}

Result<void> check_block(const VitttBlock& block, std::int64_t dim) {
    if (block.heads < 1 || dim % block.heads != 0) {
        return fail("heads", fmt::format("a width of {} does not split into {} heads", dim, block.heads));
    }
    const std::int64_t d = dim / block.heads;
    LACT_CHECK(check_shape("qkv.weight", block.qkv_weight, {3 * dim + 3 * d, dim}));
    LACT_CHECK(check_shape("proj.weight", block.proj_weight, {dim, dim + d}));
    if (block.qkv_bias.defined()) {
        LACT_CHECK(check_shape("qkv.bias", block.qkv_bias, {3 * dim + 3 * d}));
    }
    if (block.proj_bias.defined()) {
        LACT_CHECK(check_shape("proj.bias", block.proj_bias, {dim}));
    }
    LACT_CHECK(check_shape("w1", block.glu.linear, {block.heads, d, d}));
    LACT_CHECK(check_shape("w2", block.glu.gate, {block.heads, d, d}));
    return check_shape("w3", block.conv, {d, 3, 3});
}

}  // namespace

Result<VitttInputs> vittt_inputs(const VitttBlock& block, const at::Tensor& x, std::int64_t h, std::int64_t w,
                                 const at::Tensor& rotations) {
    if (!x.defined() || x.dim() != 3 || x.numel() == 0) {
        return fail("x", "must be [pictures, positions, width] and not empty");
    }
    const std::int64_t batch = x.size(0);
    const std::int64_t dim = x.size(2);
    if (h < 1 || w < 1 || x.size(1) != h * w) {
        return fail("x", fmt::format("has {} positions, a grid of {} x {} has {}", x.size(1), h, w, h * w));
    }
    LACT_CHECK(check_block(block, dim));
    if (rotations.defined()) {
        LACT_CHECK(check_shape("rotations", rotations, {h, w, dim / 2, 2}));
    }
    const std::int64_t d = dim / block.heads;
    const auto parts =
        at::linear(x, block.qkv_weight, block.qkv_bias).split_with_sizes({dim, dim, dim, d, d, d}, 2);
    const auto heads = [&](const at::Tensor& part, bool turned) {
        const at::Tensor all = turned && rotations.defined() ? rotated(part, rotations) : part;
        return all.reshape({batch, h * w, block.heads, d})
            .transpose(1, 2)
            .reshape({batch * block.heads, h * w, d});
    };
    const auto picture = [&](const at::Tensor& part) {
        return part.transpose(1, 2).reshape({batch, d, h, w});
    };
    const auto everywhere = [&](const at::Tensor& weights) { return weights.repeat({batch, 1, 1}); };
    return VitttInputs{h,
                       w,
                       {everywhere(block.glu.linear), everywhere(block.glu.gate)},
                       heads(parts[0], true),
                       heads(parts[1], true),
                       heads(parts[2], false),
                       block.conv.unsqueeze(0).repeat({batch, 1, 1, 1}),
                       picture(parts[3]),
                       picture(parts[4]),
                       picture(parts[5])};
}

VitttOutputs run_vittt(const VitttBlock& block, const VitttInputs& inputs) {
    VitttOutputs result;
    const std::int64_t positions = inputs.h * inputs.w;
    const std::int64_t batch = inputs.q2.size(0);
    const std::int64_t d = inputs.q.size(2);
    result.glu = update_glu(inputs.glu, inputs.k, inputs.v);
    result.conv = update_conv(inputs.conv, inputs.k2, inputs.v2);
    result.of_glu = apply_glu(result.glu, inputs.q)
                        .reshape({batch, block.heads, positions, d})
                        .transpose(1, 2)
                        .reshape({batch, positions, block.heads * d});
    result.of_conv = apply_conv(result.conv, inputs.q2).flatten(2).transpose(1, 2);
    result.y = at::linear(at::cat({result.of_glu, result.of_conv}, 2), block.proj_weight, block.proj_bias);
    return result;
}

}  // namespace lact
