#include "engine/ttt/vittt_block.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {

Result<at::Tensor> rotary_rotations(std::int64_t h, std::int64_t w, std::int64_t channels,
                                    const at::TensorOptions& options) {
    if (channels < 4 || channels % 4 != 0) {
        return fail("channels",
                    fmt::format("{}; rotary embedding in two dimensions needs a multiple of 4", channels),
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

namespace {

/// x as one image of batch x channels channels, for a convolution in as many groups.
at::Tensor as_groups(const at::Tensor& x) {
    return x.reshape({1, x.size(0) * x.size(1), x.size(2), x.size(3)});
}

at::Tensor as_kernels(const at::Tensor& w) {
    return w.reshape({w.size(0) * w.size(1), 1, w.size(2), w.size(3)});
}

}  // namespace

at::Tensor apply_conv(const at::Tensor& w, const at::Tensor& x) {
    const at::Tensor o = at::conv2d(as_groups(x), as_kernels(w), {}, 1, 1, 1, x.size(0) * x.size(1));
    return o.view_as(x);
}

at::Tensor conv_gradient(const at::Tensor& k, const at::Tensor& v) {
    // For each offset: the shifted keys times the gradient of the output, summed over the positions.
    const at::Tensor d_f = v * (-vittt_scale / static_cast<double>(v.size(2) * v.size(3)));
    const at::Tensor g = at::conv2d(as_groups(k), as_kernels(d_f), {}, 1, 1, 1, k.size(0) * k.size(1));
    return g.view({k.size(0), k.size(1), 3, 3});
}

namespace {

/// w minus its gradient, or plus it for ascent; norms are taken over `dimensions`.
at::Tensor stepped(const at::Tensor& w, const at::Tensor& g, at::IntArrayRef dimensions,
                   const VitttRule& rule) {
    const at::Tensor change = rule.normalised ? g / (g.norm(2, dimensions, /*keepdim=*/true) + 1.0) : g;
    return rule.ascent ? w + change : w - change;
}

}  // namespace

at::Tensor update_conv(const at::Tensor& w, const at::Tensor& k, const at::Tensor& v, const VitttRule& rule) {
    return stepped(w, conv_gradient(k, v), {2, 3}, rule);
}

at::Tensor apply_glu(const GluWeights& weights, const at::Tensor& x, const VitttRule& rule) {
    const at::Tensor linear = at::bmm(x, weights.linear);
    return rule.gated ? linear * at::silu(at::bmm(x, weights.gate)) : linear;
}

GluWeights glu_gradient(const GluWeights& weights, const at::Tensor& k, const at::Tensor& v,
                        const VitttRule& rule) {
    const at::Tensor d_f = v * (-vittt_scale / static_cast<double>(v.size(1)));  // d loss / d f
    const at::Tensor kt = k.transpose(1, 2);
    if (!rule.gated) {
        return {at::bmm(kt, d_f), {}};
    }
    const at::Tensor gate = at::bmm(k, weights.gate);
    const at::Tensor sigmoid = at::sigmoid(gate);
    GluWeights g{at::bmm(kt, d_f * gate * sigmoid), {}};
    if (rule.update_gate) {
        const at::Tensor linear = at::bmm(k, weights.linear);
        g.gate = at::bmm(kt, d_f * linear * (sigmoid * (1 + gate * (1 - sigmoid))));
    }
    return g;
}

GluWeights update_glu(const GluWeights& weights, const at::Tensor& k, const at::Tensor& v,
                      const VitttRule& rule) {
    const GluWeights g = glu_gradient(weights, k, v, rule);
    return {stepped(weights.linear, g.linear, {1}, rule),
            g.gate.defined() ? stepped(weights.gate, g.gate, {1}, rule) : weights.gate};
}

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
        return fail("x", "must be [images, positions, width] and not empty");
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
    const auto image = [&](const at::Tensor& part) { return part.transpose(1, 2).reshape({batch, d, h, w}); };
    const auto everywhere = [&](const at::Tensor& weights) { return weights.repeat({batch, 1, 1}); };
    return VitttInputs{h,
                       w,
                       {everywhere(block.glu.linear), everywhere(block.glu.gate)},
                       heads(parts[0], true),
                       heads(parts[1], true),
                       heads(parts[2], false),
                       block.conv.unsqueeze(0).repeat({batch, 1, 1, 1}),
                       image(parts[3]),
                       image(parts[4]),
                       image(parts[5])};
}

VitttOutputs run_vittt(const VitttBlock& block, const VitttInputs& inputs, const VitttRule& rule) {
    VitttOutputs result;
    const std::int64_t positions = inputs.h * inputs.w;
    const std::int64_t batch = inputs.q2.size(0);
    const std::int64_t d = inputs.q.size(2);
    result.glu = update_glu(inputs.glu, inputs.k, inputs.v, rule);
    result.conv = update_conv(inputs.conv, inputs.k2, inputs.v2, rule);
    result.of_glu = apply_glu(result.glu, rule.read_key ? inputs.k : inputs.q, rule)
                        .reshape({batch, block.heads, positions, d})
                        .transpose(1, 2)
                        .reshape({batch, positions, block.heads * d});
    result.of_conv =
        apply_conv(result.conv, rule.read_key ? inputs.k2 : inputs.q2).flatten(2).transpose(1, 2);
    result.y = at::linear(at::cat({result.of_glu, result.of_conv}, 2), block.proj_weight, block.proj_bias);
    return result;
}

}  // namespace lact
