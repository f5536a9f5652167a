// The closed-form backward of the TTT layer against automatic differentiation of the inference code, in fp64.
#include "engine/train/inner_update.h"

#include "engine/ttt/newton_schulz.h"

#include <tuple>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

namespace lact {
namespace {

const auto wide = at::TensorOptions().dtype(at::kDouble);

double relative(const at::Tensor& a, const at::Tensor& b) {
    return ((a - b).abs().max() / b.abs().max().clamp_min(1e-12)).item<double>();
}

/// Gradients of <outputs, fixed random directions> in the inputs.
std::vector<at::Tensor> gradients_of(const std::vector<at::Tensor>& outputs,
                                     const std::vector<at::Tensor>& inputs) {
    at::manual_seed(99);
    at::Tensor total = at::zeros({}, wide);
    for (const auto& output : outputs) {
        total = total + (output * at::randn(output.sizes(), wide)).sum();
    }
    return torch::autograd::grad({total}, inputs, {}, {}, false, /*allow_unused=*/true);
}

void expect_same_gradients(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        SCOPED_TRACE("input " + std::to_string(i));
        const bool zero_a = !a[i].defined() || a[i].abs().max().item<double>() == 0;
        const bool zero_b = !b[i].defined() || b[i].abs().max().item<double>() == 0;
        ASSERT_EQ(zero_a, zero_b);
        if (!zero_b) {
            EXPECT_LT(relative(a[i], b[i]), 1e-9);
        }
    }
}

TEST(NewtonSchulzBackward, EqualsAutogradInDoublePrecision) {
    for (const auto& [rows, columns] : {std::pair{6, 6}, {5, 9}, {9, 5}}) {
        for (const int steps : {0, 1, 5}) {
            at::manual_seed(rows * 100 + columns);
            const auto g = at::randn({3, rows, columns}, wide).requires_grad_(true);
            const auto ours = training::newton_schulz(g, steps, NsPrecision::fp32);
            const auto theirs = newton_schulz(g, steps, NsPrecision::fp32);
            EXPECT_LT(relative(ours, theirs), 1e-12);
            expect_same_gradients(gradients_of({ours}, {g}), gradients_of({theirs}, {g}));
        }
    }
}

TEST(NewtonSchulzBackward, OfAZeroMatrixIsFinite) {
    const auto g = at::zeros({1, 4, 4}, wide).requires_grad_(true);
    const auto d = gradients_of({training::newton_schulz(g, 5, NsPrecision::fp32)}, {g});
    EXPECT_TRUE(at::isfinite(d[0]).all().item<bool>());
}

struct Problem {
    FastWeights weights;
    UpdateTokens tokens;
    [[nodiscard]] std::vector<at::Tensor> inputs() const {
        return {weights.w0, weights.w1, weights.w2, tokens.k, tokens.v, tokens.lr0, tokens.lr1, tokens.lr2};
    }
};

Problem random_problem(int d_in, int hidden, int d_out) {
    at::manual_seed(d_in + 10 * hidden);
    const auto leaf = [](at::IntArrayRef shape, double scale) {
        return (at::randn(shape, wide) * scale).requires_grad_(true);
    };
    const auto rate = [] { return at::rand({2, 11, 1}, wide).add(0.5).requires_grad_(true); };
    Problem p;
    p.weights = {leaf({2, d_in, hidden}, 0.5), leaf({2, hidden, d_out}, 0.5), leaf({2, d_in, hidden}, 0.5)};
    p.tokens = {leaf({2, 11, d_in}, 0.5), leaf({2, 11, d_out}, 0.5), rate(), rate(), rate()};
    return p;
}

class EveryRule : public testing::TestWithParam<const char*> {};

TEST_P(EveryRule, TrainsWithAutogradsGradient) {
    auto rule = parse_update_rule(GetParam());
    ASSERT_TRUE(rule.has_value()) << rule.error().message();
    rule->ns_precision = NsPrecision::fp32;
    const Problem p = rule->kernel == Kernel::identity ? random_problem(5, 5, 5) : random_problem(5, 7, 5);
    const auto x = at::randn({2, 4, 5}, wide).requires_grad_(true);
    auto inputs = p.inputs();
    inputs.push_back(x);

    const auto ours = training::apply_fast_weights(
        rule->kernel, training::update_fast_weights(*rule, p.weights, p.tokens), x);

    // The same from the inference code, with the reference norms constant as in training.
    FastWeights reference = p.weights;
    for (int i = 0; i < rule->inner_steps; ++i) {
        UpdateRule one = *rule;
        one.inner_steps = 1;
        one.weight_norm = false;
        reference = update_fast_weights(one, reference, p.tokens);
        if (rule->weight_norm) {
            const auto renorm = [](at::Tensor& w, const at::Tensor& initial) {
                if (!w.is_same(initial)) {
                    w = w / (w.norm(2, {1}, true) + 1e-5) * initial.detach().norm(2, {1}, true);
                }
            };
            renorm(reference.w0, p.weights.w0);
            renorm(reference.w1, p.weights.w1);
            renorm(reference.w2, p.weights.w2);
        }
    }
    const auto theirs = apply_fast_weights(rule->kernel, reference, x);
    EXPECT_LT(relative(ours, theirs), 1e-12);
    expect_same_gradients(gradients_of({ours}, inputs), gradients_of({theirs}, inputs));
}

INSTANTIATE_TEST_SUITE_P(Rules, EveryRule,
                         testing::Values("baseline", "ascent", "mse", "variant1", "variant2", "variant3",
                                         "variant4", "variant6", "steps=3", "mse,steps=2,norm=off",
                                         "muon=off", "muon=off,norm=off,rate=off", "mse,update=last",
                                         "kernel=identity,loss=mse,update=last,muon=off,norm=off"));

/// Mean of the products over the product of lengths.
double alignment(const at::Tensor& a, const at::Tensor& b) {
    const auto x = a.flatten().to(at::kDouble);
    const auto y = b.flatten().to(at::kDouble);
    return (x.dot(y) / (x.norm() * y.norm())).item<double>();
}

TEST(FusedInnerGradient, IsTheClosedFormInBf16) {
    // The one-pass kernels (bf16 on the CPU) against the composed closed form in fp64, from the same numbers.
    Problem p = random_problem(16, 24, 16);
    const auto as = [](const at::Tensor& x, at::ScalarType type) {
        return x.detach().to(at::kBFloat16).to(type).requires_grad_(true);
    };
    const auto at_type = [&](at::ScalarType tokens_type, at::ScalarType weights_type) {
        Problem q;
        q.weights = {as(p.weights.w0, weights_type), as(p.weights.w1, weights_type),
                     as(p.weights.w2, weights_type)};
        q.tokens = {as(p.tokens.k, tokens_type), as(p.tokens.v, tokens_type), as(p.tokens.lr0, weights_type),
                    as(p.tokens.lr1, weights_type), as(p.tokens.lr2, weights_type)};
        return q;
    };
    const Problem exact = at_type(at::kDouble, at::kDouble);
    const Problem rounded = at_type(at::kBFloat16, at::kFloat);
    const auto run = [](const Problem& q) {
        const auto g = training::inner_gradient({}, q.weights, q.tokens);
        return std::vector<at::Tensor>{g.w0, g.w1, g.w2};
    };
    const auto a = run(rounded);
    const auto b = run(exact);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_LT(relative(a[i].to(at::kDouble), b[i]), 0.02) << i;
    }
    const auto ga =
        gradients_of({a[0].to(at::kDouble), a[1].to(at::kDouble), a[2].to(at::kDouble)}, rounded.inputs());
    const auto gb = gradients_of(b, exact.inputs());
    for (std::size_t i = 0; i < ga.size(); ++i) {
        EXPECT_GT(alignment(ga[i], gb[i]), 0.9995) << "input " << i;
        EXPECT_NEAR((ga[i].to(at::kDouble).norm() / gb[i].norm()).item<double>(), 1.0, 0.02) << "input " << i;
    }
}

}  // namespace
}  // namespace lact
