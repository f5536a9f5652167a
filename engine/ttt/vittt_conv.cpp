#include "engine/ttt/vittt_conv.h"

#include "engine/ttt/vittt_glu.h"

namespace lact {
namespace {

/// One picture of batch x channels channels, for a convolution in as many groups.
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
    // By offset: the product of the shifted keys with what pulls the output, summed over the positions.
    const at::Tensor pull = v * (-vittt_scale / static_cast<double>(v.size(2) * v.size(3)));
    const at::Tensor g = at::conv2d(as_groups(k), as_kernels(pull), {}, 1, 1, 1, k.size(0) * k.size(1));
    return g.view({k.size(0), k.size(1), 3, 3});
}

at::Tensor update_conv(const at::Tensor& w, const at::Tensor& k, const at::Tensor& v) {
    const at::Tensor g = conv_gradient(k, v);
    return w - g / (g.norm(2, {2, 3}, /*keepdim=*/true) + 1.0);
}

}  // namespace lact
