#include "engine/ttt/vittt_glu.h"

namespace lact {
namespace {

at::Tensor step(const at::Tensor& w, const at::Tensor& g) {
    return w - g / (g.norm(2, {1}, /*keepdim=*/true) + 1.0);
}

}  // namespace

at::Tensor apply_glu(const GluWeights& weights, const at::Tensor& x) {
    return at::bmm(x, weights.linear) * at::silu(at::bmm(x, weights.gate));
}

GluWeights glu_gradient(const GluWeights& weights, const at::Tensor& k, const at::Tensor& v) {
    const at::Tensor linear = at::bmm(k, weights.linear);
    const at::Tensor gate = at::bmm(k, weights.gate);
    const at::Tensor sigmoid = at::sigmoid(gate);
    const at::Tensor pull = v * (-vittt_scale / static_cast<double>(v.size(1)));  // d loss / d f
    const at::Tensor kt = k.transpose(1, 2);
    return {at::bmm(kt, pull * gate * sigmoid),
            at::bmm(kt, pull * linear * (sigmoid * (1 + gate * (1 - sigmoid))))};
}

GluWeights update_glu(const GluWeights& weights, const at::Tensor& k, const at::Tensor& v) {
    const GluWeights g = glu_gradient(weights, k, v);
    return {step(weights.linear, g.linear), step(weights.gate, g.gate)};
}

}  // namespace lact
