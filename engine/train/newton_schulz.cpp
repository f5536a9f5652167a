#include "engine/ttt/newton_schulz.h"

#include "engine/train/inner_update.h"

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

/// One step, and what its backward needs.
struct Step {
    at::Tensor x, a, b;
};

/// a X + (b A + c A A) X by three products, each with its sum: fewer roundings than one operation at a time.
at::Tensor advance(Step& step) {
    const auto [a, b, c] = nvs_coefficients;
    step.a = at::bmm(step.x, step.x.transpose(1, 2));
    step.b = at::baddbmm(step.a, step.a, step.a, b, c);
    return at::baddbmm(step.x, step.b, step.x, a, 1);
}

at::Tensor norm_of(const at::Tensor& g) {
    return g.norm(2, {1, 2}, /*keepdim=*/true);
}

struct NewtonSchulz : Function<NewtonSchulz> {
    static Variable forward(AutogradContext* context, const Variable& g, int64_t steps, int64_t precision) {
        context->save_for_backward({g});
        context->saved_data["steps"] = steps;
        context->saved_data["precision"] = precision;
        const auto type = working_type(g, static_cast<NsPrecision>(precision));
        Step step{(g / (norm_of(g) + norm_eps)).to(type), {}, {}};
        for (int64_t i = 0; i < steps; ++i) {
            step.x = advance(step);
        }
        return step.x.to(g.scalar_type());
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const auto saved = context->get_saved_variables();
        const auto& g = saved[0];
        const int64_t count = context->saved_data["steps"].toInt();
        const auto type = working_type(g, static_cast<NsPrecision>(context->saved_data["precision"].toInt()));
        const auto norm = norm_of(g);
        std::vector<Step> steps;
        Step step{(g / (norm + norm_eps)).to(type), {}, {}};
        for (int64_t i = 0; i < count; ++i) {
            const auto next = advance(step);
            steps.push_back(std::move(step));
            step = {next, {}, {}};
        }
        const auto [a, b, c] = nvs_coefficients;
        auto d = gradients[0].to(type);
        for (auto i = steps.rbegin(); i != steps.rend(); ++i) {
            // With N = g X^T instead of its symmetric part, T = b N + c (A N + N A) has S as its own
            // symmetric part, and 2 S X = (T + T^T) X: the sums ride on the products.
            const auto n = at::bmm(d, i->x.transpose(1, 2));
            const auto t = at::baddbmm(at::baddbmm(n, i->a, n, b, c), n, i->a, 1, c);
            d = at::baddbmm(at::baddbmm(d, i->b, d, a, 1), t + t.transpose(1, 2), i->x);
        }
        d = d.to(g.scalar_type());
        const auto along = (g * d).sum({1, 2}, /*keepdim=*/true);
        const auto scale = 1 / (norm + norm_eps);
        // A gradient of exactly zero has no direction; its norm's slope is taken as zero, as autograd does.
        const auto back = at::where(norm > 0, along * scale * scale / norm, at::zeros_like(norm));
        return {d * scale - g * back, {}, {}};
    }
};

}  // namespace

at::Tensor newton_schulz(const at::Tensor& g, int steps, NsPrecision precision) {
    const bool tall = g.size(1) > g.size(2);
    const auto x = NewtonSchulz::apply(tall ? g.transpose(1, 2).contiguous() : g.contiguous(),
                                       static_cast<int64_t>(steps), static_cast<int64_t>(precision));
    return tall ? x.transpose(1, 2) : x;
}

}  // namespace lact::training
