#include "engine/train/inner_update.h"

#include "engine/train/row_functions.h"

#include <utility>

#include <ATen/ATen.h>

namespace lact::training {
namespace {

at::Tensor column_norms(const at::Tensor& w) {
    return w.norm(2, {1}, /*keepdim=*/true);
}

/// M(G) of all matrices that are there; in one batch where their wide forms have one shape, as they have in a
/// layer whose keys and values are equally wide.
FastWeights orthogonal_steps(const UpdateRule& rule, const FastWeights& g) {
    if (!rule.orthogonalize) {
        return g;
    }
    const auto m = [&](const at::Tensor& x) { return newton_schulz(x, rule.ns_steps, rule.ns_precision); };
    if (!g.w0.defined()) {
        return {{}, m(g.w1), {}};
    }
    const auto turned = g.w1.transpose(1, 2);
    if (turned.sizes() != g.w0.sizes()) {
        return {m(g.w0), m(g.w1), m(g.w2)};
    }
    const auto parts = m(at::cat({g.w0, turned, g.w2}, 0)).chunk(3, 0);
    return {parts[0], parts[1].transpose(1, 2), parts[2]};
}

}  // namespace

FastWeights update_fast_weights(const UpdateRule& rule, const FastWeights& initial,
                                const UpdateTokens& tokens) {
    FastWeights weights = initial;
    const double sign = rule.direction == Direction::descent ? 1.0 : -1.0;
    const auto step = [&](at::Tensor& w, const at::Tensor& w_initial, const at::Tensor& change) {
        w = at::add(w, change, sign);
        if (rule.weight_norm) {
            w = w / (column_norms(w) + 1e-5) * column_norms(w_initial.detach());
        }
    };
    for (int i = 0; i < rule.inner_steps; ++i) {
        const FastWeights change = orthogonal_steps(rule, training::inner_gradient(rule, weights, tokens));
        step(weights.w1, initial.w1, change.w1);
        if (change.w0.defined()) {
            step(weights.w0, initial.w0, change.w0);
            step(weights.w2, initial.w2, change.w2);
        }
    }
    return weights;
}

at::Tensor apply_fast_weights(Kernel kernel, const FastWeights& weights, const at::Tensor& x) {
    const auto as = [&](const at::Tensor& w) { return w.to(x.scalar_type()); };
    if (kernel == Kernel::identity) {
        return at::bmm(x, as(weights.w1));
    }
    return at::bmm(gated(at::bmm(x, as(at::cat({weights.w0, weights.w2}, 2)))), as(weights.w1));
}

}  // namespace lact::training
