#include "engine/ttt/fast_weights.h"

#include "engine/ttt/newton_schulz.h"

#include <map>
#include <utility>
#include <vector>

#include <ATen/ATen.h>

namespace lact {
namespace {

/// x W in the dtype of x: keys and values may be bf16 while the fast weights stay fp32.
at::Tensor product(const at::Tensor& x, const at::Tensor& w) {
    return at::bmm(x, w.to(x.scalar_type()));
}

/// Sum over tokens of a^T b, computed in the type of b and returned in fp32 or fp64: a bf16 sum is rounded to
/// bf16 first.
at::Tensor token_sum(const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor sum = at::bmm(a.to(b.scalar_type()).transpose(1, 2), b);
    return sum.scalar_type() == at::kDouble ? sum : sum.to(at::kFloat);
}

/// x times the rate and the weight of its token. Rates stay in fp32: a bf16 x is promoted and rounded again
/// only for the product, as under autocast.
at::Tensor scaled(const UpdateRule& rule, const at::Tensor& x, const at::Tensor& rate,
                  const at::Tensor& weight) {
    const at::Tensor with_rate = rule.per_token_rate ? x * rate : x;
    return weight.defined() ? with_rate * weight : with_rate;
}

at::Tensor column_norms(const at::Tensor& w) {
    return w.norm(2, {1}, /*keepdim=*/true);
}

/// Orthogonalises matrices of one wide shape in one batch. Newton-Schulz transposes tall matrices anyway.
std::vector<at::Tensor> orthogonalize_all(std::span<const NsCoefficients> coefficients, NsPrecision precision,
                                          const std::vector<at::Tensor>& matrices) {
    using Shape = std::pair<int64_t, int64_t>;
    std::map<Shape, std::vector<std::size_t>> by_shape;
    std::vector<at::Tensor> wide;
    for (std::size_t i = 0; i < matrices.size(); ++i) {
        const auto& m = matrices[i];
        wide.push_back(m.size(1) > m.size(2) ? m.transpose(1, 2) : m);
        by_shape[{wide[i].size(1), wide[i].size(2)}].push_back(i);
    }
    std::vector<at::Tensor> results(matrices.size());
    for (const auto& [shape, members] : by_shape) {
        std::vector<at::Tensor> batch;
        for (const auto i : members) {
            batch.push_back(wide[i]);
        }
        const auto parts = newton_schulz(at::cat(batch, 0), coefficients, precision)
                               .chunk(static_cast<int64_t>(batch.size()), 0);
        for (std::size_t j = 0; j < members.size(); ++j) {
            const auto i = members[j];
            results[i] = matrices[i].size(1) > matrices[i].size(2) ? parts[j].transpose(1, 2) : parts[j];
        }
    }
    return results;
}

}  // namespace

at::Tensor feature_map(Kernel kernel, const FastWeights& weights, const at::Tensor& x) {
    if (kernel == Kernel::identity) {
        return x;
    }
    return at::silu(product(x, weights.w0)) * product(x, weights.w2);
}

at::Tensor apply_fast_weights(Kernel kernel, const FastWeights& weights, const at::Tensor& x) {
    return product(feature_map(kernel, weights, x), weights.w1);
}

FastWeights inner_gradient(const UpdateRule& rule, const FastWeights& weights, const UpdateTokens& tokens) {
    const auto& [k, v, lr0, lr1, lr2, weight] = tokens;
    FastWeights gradient;
    if (rule.kernel == Kernel::identity) {
        const at::Tensor residual = rule.loss == InnerLoss::mse ? v - product(k, weights.w1) : v;
        gradient.w1 = token_sum(scaled(rule, k, lr1, weight), residual);
        return gradient;
    }
    const at::Tensor gate = product(k, weights.w0);
    const at::Tensor hidden = product(k, weights.w2);
    const at::Tensor silu_gate = at::silu(gate);
    const at::Tensor phi = silu_gate * hidden;
    const at::Tensor residual = rule.loss == InnerLoss::mse ? v - product(phi, weights.w1) : v;
    gradient.w1 = token_sum(scaled(rule, phi, lr1, weight), residual);
    if (rule.updated == UpdatedMatrices::last) {
        return gradient;
    }
    const at::Tensor d_phi = product(residual, weights.w1.transpose(1, 2));
    const at::Tensor sigmoid = at::sigmoid(gate);
    const at::Tensor silu_slope = sigmoid * (1 + gate * (1 - sigmoid));
    gradient.w0 = token_sum(scaled(rule, k, lr0, weight), silu_slope * d_phi * hidden);
    gradient.w2 = token_sum(scaled(rule, k, lr2, weight), d_phi * silu_gate);
    return gradient;
}

FastWeights orthogonalized(const UpdateRule& rule, const FastWeights& gradient) {
    const std::vector<NsCoefficients> coefficients(static_cast<std::size_t>(rule.ns_steps), nvs_coefficients);
    return orthogonalized(rule, gradient, coefficients);
}

FastWeights orthogonalized(const UpdateRule& rule, const FastWeights& gradient,
                           std::span<const NsCoefficients> coefficients) {
    if (!rule.orthogonalize) {
        return gradient;
    }
    if (!gradient.w0.defined()) {
        return {{}, orthogonalize_all(coefficients, rule.ns_precision, {gradient.w1})[0], {}};
    }
    const auto all =
        orthogonalize_all(coefficients, rule.ns_precision, {gradient.w0, gradient.w1, gradient.w2});
    return {all[0], all[1], all[2]};
}

FastWeights apply_update(const UpdateRule& rule, const FastWeights& weights, const FastWeights& change) {
    const double sign = rule.direction == Direction::descent ? 1.0 : -1.0;
    const auto one = [&](const at::Tensor& w, const at::Tensor& by) {
        return by.defined() ? w + sign * by : w;
    };
    return {one(weights.w0, change.w0), one(weights.w1, change.w1), one(weights.w2, change.w2)};
}

FastWeights renormalize_columns(const UpdateRule& rule, const FastWeights& weights,
                                const FastWeights& reference) {
    if (!rule.weight_norm) {
        return weights;
    }
    const auto one = [&](const at::Tensor& w, const at::Tensor& w_reference) {
        return w / (column_norms(w) + 1e-5) * column_norms(w_reference);
    };
    if (rule.kernel == Kernel::identity || rule.updated == UpdatedMatrices::last) {
        return {weights.w0, one(weights.w1, reference.w1), weights.w2};
    }
    return {one(weights.w0, reference.w0), one(weights.w1, reference.w1), one(weights.w2, reference.w2)};
}

FastWeights update_fast_weights(const UpdateRule& rule, const FastWeights& initial,
                                const UpdateTokens& tokens, std::vector<FastWeights>* states) {
    return update_fast_weights(
        rule, initial, [&](const FastWeights& weights) { return inner_gradient(rule, weights, tokens); },
        states);
}

FastWeights update_fast_weights(const UpdateRule& rule, const FastWeights& initial,
                                const GradientFunction& gradient, std::vector<FastWeights>* states) {
    FastWeights weights = initial;
    const auto remember = [&] {
        if (states != nullptr) {
            states->push_back(weights);
        }
    };
    remember();
    for (int i = 0; i < rule.inner_steps; ++i) {
        const FastWeights change = orthogonalized(rule, gradient(weights));
        weights = renormalize_columns(rule, apply_update(rule, weights, change), initial);
        remember();
    }
    return weights;
}

at::Tensor inner_dot_loss(Kernel kernel, const FastWeights& weights, const UpdateTokens& tokens) {
    return -(apply_fast_weights(kernel, weights, tokens.k) * tokens.v).sum(2).mean(1);
}

}  // namespace lact
