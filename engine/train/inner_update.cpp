#include "engine/train/inner_update.h"

#include "engine/train/fused/launch.h"
#include "engine/train/row_functions.h"
#include "engine/ttt/newton_schulz.h"

#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

namespace lact::training {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::Variable;
using torch::autograd::variable_list;

constexpr double norm_eps = 1e-7;

at::ScalarType working_type(const at::Tensor& g, NsPrecision precision) {
    if (g.scalar_type() == at::kDouble || precision == NsPrecision::fp32) {
        return g.scalar_type();
    }
    return precision == NsPrecision::bf16 ? at::kBFloat16 : at::kHalf;
}

NarrowRounding rounding_of(const at::Tensor& g, NsPrecision precision) {
    const at::ScalarType type = working_type(g, precision);
    return {type, faster_products(type, g.device())};
}

/// One Newton-Schulz step and the tensors of its backward pass.
struct Step {
    at::Tensor x, a, b;
};

/// a X + (b A + c A A) X as three products fused with their sums, which rounds less often.
at::Tensor advance(Step& step, const NarrowRounding& rounded) {
    const auto [a, b, c] = nvs_coefficients;
    step.a = rounded(at::bmm(step.x, step.x.transpose(1, 2)));
    step.b = rounded(at::baddbmm(step.a, step.a, step.a, b, c));
    return rounded(at::baddbmm(step.x, step.b, step.x, a, 1));
}

at::Tensor norm_of(const at::Tensor& g) {
    return g.norm(2, {1, 2}, /*keepdim=*/true);
}

struct NewtonSchulz : Function<NewtonSchulz> {
    static Variable forward(AutogradContext* context, const Variable& g, int64_t steps, int64_t precision) {
        context->save_for_backward({g});
        context->saved_data["steps"] = steps;
        context->saved_data["precision"] = precision;
        const NarrowRounding rounded = rounding_of(g, static_cast<NsPrecision>(precision));
        Step step{rounded(g / (norm_of(g) + norm_eps)), {}, {}};
        for (int64_t i = 0; i < steps; ++i) {
            step.x = advance(step, rounded);
        }
        return step.x.to(g.scalar_type());
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const auto saved = context->get_saved_variables();
        const auto& g = saved[0];
        const int64_t count = context->saved_data["steps"].toInt();
        const NarrowRounding rounded =
            rounding_of(g, static_cast<NsPrecision>(context->saved_data["precision"].toInt()));
        const auto norm = norm_of(g);
        std::vector<Step> steps;
        Step step{rounded(g / (norm + norm_eps)), {}, {}};
        for (int64_t i = 0; i < count; ++i) {
            const auto next = advance(step, rounded);
            steps.push_back(std::move(step));
            step = {next, {}, {}};
        }
        const auto [a, b, c] = nvs_coefficients;
        auto d = rounded(gradients[0]);
        for (auto i = steps.rbegin(); i != steps.rend(); ++i) {
            // With N = g X^T instead of its symmetric part, T = b N + c (A N + N A) has S as its own
            // symmetric part, and 2 S X = (T + T^T) X: baddbmm fuses the sums with the products.
            const auto n = rounded(at::bmm(d, i->x.transpose(1, 2)));
            const auto t = rounded(at::baddbmm(rounded(at::baddbmm(n, i->a, n, b, c)), n, i->a, 1, c));
            d = rounded(
                at::baddbmm(rounded(at::baddbmm(d, i->b, d, a, 1)), rounded(t + t.transpose(1, 2)), i->x));
        }
        d = d.to(g.scalar_type());
        const auto along = (g * d).sum({1, 2}, /*keepdim=*/true);
        const auto scale = 1 / (norm + norm_eps);
        // The norm has no derivative at zero; it is taken as zero, as autograd does.
        const auto back = at::where(norm > 0, along * scale * scale / norm, at::zeros_like(norm));
        return {d * scale - g * back, {}, {}};
    }
};

/// x W in the type of x.
at::Tensor product(const at::Tensor& x, const at::Tensor& w) {
    return at::bmm(x, w.to(x.scalar_type()));
}

/// a^T b summed over tokens, in the type of the fast weights.
at::Tensor token_sum(const at::Tensor& a, const at::Tensor& b, const at::Tensor& like) {
    return at::bmm(a.transpose(1, 2), b).to(like.scalar_type());
}

/// The switches of the rule that the gradient depends on, as numbers that a saved context can hold.
struct Switches {
    bool mse = false, all = true, swiglu = true, rated = true;
    explicit Switches(const UpdateRule& rule)
        : mse(rule.loss == InnerLoss::mse),
          all(rule.updated == UpdatedMatrices::all && rule.kernel == Kernel::swiglu),
          swiglu(rule.kernel == Kernel::swiglu),
          rated(rule.per_token_rate) {}
    explicit Switches(int64_t bits)
        : mse((bits & 1) != 0), all((bits & 2) != 0), swiglu((bits & 4) != 0), rated((bits & 8) != 0) {}
    [[nodiscard]] int64_t bits() const {
        return (mse ? 1 : 0) | (all ? 2 : 0) | (swiglu ? 4 : 0) | (rated ? 8 : 0);
    }
};

/// Intermediate tensors between the inputs and the three sums over tokens, named as in
/// engine/ttt/fast_weights.cpp. `a0`, `a1`, `a2` are the factors of k, the residual and k.
struct Terms {
    at::Tensor gate, hidden, sigmoid, silu, slope, phi, residual, d_phi;
    at::Tensor a0, a1, a2;
    at::Tensor lr0, lr1, lr2;  ///< In the type of k; undefined without rates.
};

at::Tensor rated(const at::Tensor& x, const at::Tensor& rate) {
    return rate.defined() ? x * rate : x;
}

Terms terms_of(const Switches& rule, const FastWeights& weights, const UpdateTokens& tokens) {
    const auto& k = tokens.k;
    const auto& v = tokens.v;
    Terms t;
    if (rule.rated) {
        t.lr1 = tokens.lr1.to(k.scalar_type());
    }
    if (rule.swiglu) {
        t.gate = product(k, weights.w0);
        t.hidden = product(k, weights.w2);
        t.sigmoid = at::sigmoid(t.gate);
        t.silu = t.gate * t.sigmoid;
        t.phi = t.silu * t.hidden;
    } else {
        t.phi = k;
    }
    t.residual = rule.mse ? v - product(t.phi, weights.w1) : v;
    t.a1 = rated(t.phi, t.lr1);
    if (rule.all) {
        if (rule.rated) {
            t.lr0 = tokens.lr0.to(k.scalar_type());
            t.lr2 = tokens.lr2.to(k.scalar_type());
        }
        t.d_phi = product(t.residual, weights.w1.transpose(1, 2));
        t.slope = t.sigmoid * (1 + t.gate * (1 - t.sigmoid));
        t.a0 = rated(t.d_phi * t.hidden * t.slope, t.lr0);
        t.a2 = rated(t.d_phi * t.silu, t.lr2);
    }
    return t;
}

at::Tensor over_channels(const at::Tensor& x, const at::Tensor& like) {
    return x.sum(2, /*keepdim=*/true).to(like.scalar_type());
}

/// Gradients of the eight inputs from those of G0, G1, G2 (undefined W0 and W2 where the rule leaves them).
variable_list backward_of(const Switches& rule, const FastWeights& weights, const UpdateTokens& tokens,
                          const FastWeights& d_gradient) {
    const auto& k = tokens.k;
    const auto type = k.scalar_type();
    const Terms t = terms_of(rule, weights, tokens);
    at::Tensor d_w0, d_w1, d_w2, d_k, d_lr0, d_lr1, d_lr2;
    const auto add = [](at::Tensor& sum, const at::Tensor& x) { sum = sum.defined() ? sum + x : x; };

    const auto d_a1 = at::bmm(t.residual, d_gradient.w1.to(type).transpose(1, 2));
    at::Tensor d_residual = at::bmm(t.a1, d_gradient.w1.to(type));
    at::Tensor d_phi = rated(d_a1, t.lr1);
    at::Tensor d_gate;
    at::Tensor d_hidden;
    if (rule.all) {
        const auto d_a0 = at::bmm(k, d_gradient.w0.to(type));
        const auto d_a2 = at::bmm(k, d_gradient.w2.to(type));
        d_k = at::bmm(t.a0, d_gradient.w0.to(type).transpose(1, 2)) +
              at::bmm(t.a2, d_gradient.w2.to(type).transpose(1, 2));
        const auto from0 = rated(d_a0, t.lr0);
        const auto from2 = rated(d_a2, t.lr2);
        const auto d_d_phi = from0 * t.hidden * t.slope + from2 * t.silu;
        d_residual = d_residual + product(d_d_phi, weights.w1);
        d_w1 = token_sum(d_d_phi, t.residual, weights.w1);
        const auto bend = t.sigmoid * (1 - t.sigmoid) * (2 + t.gate * (1 - 2 * t.sigmoid));
        d_gate = from0 * t.d_phi * t.hidden * bend + from2 * t.d_phi * t.slope;
        d_hidden = from0 * t.d_phi * t.slope;
        if (rule.rated) {
            d_lr0 = over_channels(d_a0 * t.d_phi * t.hidden * t.slope, tokens.lr0);
            d_lr2 = over_channels(d_a2 * t.d_phi * t.silu, tokens.lr2);
        }
    }
    if (rule.rated) {
        d_lr1 = over_channels(d_a1 * t.phi, tokens.lr1);
    }
    if (rule.mse) {
        d_phi = d_phi - product(d_residual, weights.w1.transpose(1, 2));
        add(d_w1, -token_sum(t.phi, d_residual, weights.w1));
    }
    if (rule.swiglu) {
        add(d_gate, d_phi * t.hidden * (t.sigmoid * (1 + t.gate * (1 - t.sigmoid))));
        add(d_hidden, d_phi * t.silu);
        add(d_k, product(d_gate, weights.w0.transpose(1, 2)));
        add(d_k, product(d_hidden, weights.w2.transpose(1, 2)));
        d_w0 = token_sum(k, d_gate, weights.w0);
        d_w2 = token_sum(k, d_hidden, weights.w2);
    } else {
        add(d_k, d_phi);
    }
    return {d_w0, d_w1, d_w2, d_k, d_residual, d_lr0, d_lr1, d_lr2};
}

/// The same for the switches of the baseline in bf16 on the CPU: gate and hidden from one product, all
/// element-wise operations in one pass.
struct FusedTerms {
    at::Tensor w02, w1;  ///< bf16
    at::Tensor gate_hidden, d_phi, a1, a02;

    FusedTerms(const FastWeights& weights, const UpdateTokens& tokens)
        : w02(at::cat({weights.w0, weights.w2}, 2).to(at::kBFloat16)),
          w1(weights.w1.to(at::kBFloat16)),
          gate_hidden(at::bmm(tokens.k, w02)),
          d_phi(at::bmm(tokens.v, w1.transpose(1, 2))),
          a1(at::empty_like(d_phi)),
          a02(at::empty_like(gate_hidden)) {
        const int64_t width = w1.size(1);
        fused::over_rows(d_phi.size(0) * d_phi.size(1), width, [&](int64_t begin, int64_t end) {
            fused::kernels().inner_terms(
                fused::read(gate_hidden), fused::read(d_phi), tokens.lr0.const_data_ptr<float>(),
                tokens.lr1.const_data_ptr<float>(), tokens.lr2.const_data_ptr<float>(), width,
                fused::write(a1), fused::write(a02), begin, end);
        });
    }
};

variable_list fused_backward(const FastWeights& weights, const UpdateTokens& tokens,
                             const FastWeights& d_gradient) {
    const auto& k = tokens.k;
    const auto& v = tokens.v;
    const auto& lr0 = tokens.lr0;
    const auto& lr1 = tokens.lr1;
    const auto& lr2 = tokens.lr2;
    const FusedTerms t(weights, tokens);
    const int64_t width = t.w1.size(1);
    const auto d_g1 = d_gradient.w1.to(at::kBFloat16);
    const auto d_g02 = at::cat({d_gradient.w0, d_gradient.w2}, 2).to(at::kBFloat16);
    const auto d_a1 = at::bmm(v, d_g1.transpose(1, 2));
    const auto d_a02 = at::bmm(k, d_g02);
    const auto d_gate_hidden = at::empty_like(t.gate_hidden);
    const auto d_d_phi = at::empty_like(t.d_phi);
    const std::array<at::Tensor, 3> d_lr = {at::empty_like(lr0), at::empty_like(lr1), at::empty_like(lr2)};
    fused::over_rows(k.size(0) * k.size(1), width, [&](int64_t begin, int64_t end) {
        fused::kernels().inner_terms_backward(
            fused::read(t.gate_hidden), fused::read(t.d_phi), lr0.const_data_ptr<float>(),
            lr1.const_data_ptr<float>(), lr2.const_data_ptr<float>(), fused::read(d_a1), fused::read(d_a02),
            width, fused::write(d_gate_hidden), fused::write(d_d_phi), d_lr[0].mutable_data_ptr<float>(),
            d_lr[1].mutable_data_ptr<float>(), d_lr[2].mutable_data_ptr<float>(), begin, end);
    });
    const auto d_v = at::baddbmm(at::bmm(t.a1, d_g1), d_d_phi, t.w1);
    const auto d_k = at::baddbmm(at::bmm(t.a02, d_g02.transpose(1, 2)), d_gate_hidden, t.w02.transpose(1, 2));
    const auto d_w02 = token_sum(k, d_gate_hidden, weights.w0).chunk(2, 2);
    return {d_w02[0], token_sum(d_d_phi, v, weights.w1), d_w02[1], d_k, d_v, d_lr[0], d_lr[1], d_lr[2]};
}

bool fused_for_rule(const Switches& rule, const at::Tensor& k) {
    return fused_for(k) && rule.all && rule.rated && !rule.mse;
}

struct InnerGradient : Function<InnerGradient> {
    static variable_list forward(AutogradContext* context, const Variable& w0, const Variable& w1,
                                 const Variable& w2, const Variable& k, const Variable& v,
                                 const Variable& lr0, const Variable& lr1, const Variable& lr2,
                                 int64_t bits) {
        const Switches rule(bits);
        context->save_for_backward({w0, w1, w2, k, v, lr0, lr1, lr2});
        context->saved_data["rule"] = bits;
        const FastWeights weights{w0, w1, w2};
        const UpdateTokens tokens{k, v, lr0, lr1, lr2, {}};
        if (fused_for_rule(rule, k)) {
            const FusedTerms t(weights, tokens);
            const auto g02 = token_sum(k, t.a02, w0).chunk(2, 2);
            return {token_sum(t.a1, v, w1), g02[0].contiguous(), g02[1].contiguous()};
        }
        const Terms t = terms_of(rule, weights, tokens);
        variable_list results = {token_sum(t.a1, t.residual, w1)};
        if (rule.all) {
            results.push_back(token_sum(k, t.a0, w0));
            results.push_back(token_sum(k, t.a2, w2));
        }
        return results;
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const auto s = context->get_saved_variables();
        const Switches rule(context->saved_data["rule"].toInt());
        const FastWeights weights{s[0], s[1], s[2]};
        const UpdateTokens tokens{s[3], s[4], s[5], s[6], s[7], {}};
        FastWeights d_gradient;
        d_gradient.w1 = gradients[0];
        if (rule.all) {
            d_gradient.w0 = gradients[1];
            d_gradient.w2 = gradients[2];
        }
        auto results = fused_for_rule(rule, tokens.k) ? fused_backward(weights, tokens, d_gradient)
                                                      : backward_of(rule, weights, tokens, d_gradient);
        results.emplace_back();
        return results;
    }
};

at::Tensor column_norms(const at::Tensor& w) {
    return w.norm(2, {1}, /*keepdim=*/true);
}

/// M(G) of all defined matrices, in one batch where their wide forms have one shape. This holds where keys
/// and values have the same width.
FastWeights orthogonal_steps(const UpdateRule& rule, const FastWeights& g) {
    if (!rule.orthogonalize) {
        return g;
    }
    const auto m = [&](const at::Tensor& x) {
        return training::newton_schulz(x, rule.ns_steps, rule.ns_precision);
    };
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

at::Tensor newton_schulz(const at::Tensor& g, int steps, NsPrecision precision) {
    const bool tall = g.size(1) > g.size(2);
    const auto x = NewtonSchulz::apply(tall ? g.transpose(1, 2).contiguous() : g.contiguous(),
                                       static_cast<int64_t>(steps), static_cast<int64_t>(precision));
    return tall ? x.transpose(1, 2) : x;
}

FastWeights inner_gradient(const UpdateRule& rule, const FastWeights& weights, const UpdateTokens& tokens) {
    const auto results = InnerGradient::apply(weights.w0, weights.w1, weights.w2, tokens.k, tokens.v,
                                              tokens.lr0, tokens.lr1, tokens.lr2, Switches(rule).bits());
    return results.size() == 3 ? FastWeights{results[1], results[0], results[2]}
                               : FastWeights{{}, results[0], {}};
}

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
