// The closed-form inner gradients against automatic differentiation of the inner loss, in fp64.
#include "engine/ttt/fast_weights.h"
#include "tests/support/golden.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::test_device;

struct Example {
    FastWeights weights;
    UpdateTokens tokens;
};

Example example(int64_t n, int64_t tokens, int64_t d_in, int64_t d_hidden, int64_t d_out) {
    at::manual_seed(3);
    const auto options = at::TensorOptions(at::kDouble).device(test_device());
    const auto leaf = [&](int64_t rows, int64_t columns) {
        return (at::randn({n, rows, columns}, options) * 0.5).requires_grad_();
    };
    const auto rate = [&] { return at::rand({n, tokens, 1}, options) + 0.1; };
    return {{leaf(d_in, d_hidden), leaf(d_hidden, d_out), leaf(d_in, d_hidden)},
            {at::randn({n, tokens, d_in}, options), at::randn({n, tokens, d_out}, options), rate(), rate(),
             rate()}};
}

/// Gradient of the inner loss for one matrix; token i of n weighs rate_i: the derivative of
/// sum_i rate_i L(f(k_i), v_i), which is what a per-token rate means.
at::Tensor gradient_by_autograd(const UpdateRule& rule, const Example& one, const at::Tensor& matrix,
                                const at::Tensor& rate) {
    const auto f = apply_fast_weights(rule.kernel, one.weights, one.tokens.k);
    auto loss = rule.loss == InnerLoss::dot ? -(f * one.tokens.v).sum(2, true)
                                            : 0.5 * (one.tokens.v - f).square().sum(2, true);
    if (rule.per_token_rate) {
        loss = loss * rate;
    }
    matrix.mutable_grad() = at::Tensor();
    loss.sum().backward();
    return matrix.grad();
}

void expect_equal_gradient(const at::Tensor& a, const at::Tensor& b, const std::string& what) {
    ASSERT_EQ(a.sizes(), b.sizes()) << what;
    EXPECT_LE((a - b).abs().max().item<double>(), 1e-11 * (1 + b.abs().max().item<double>())) << what;
}

TEST(InnerGradient, IsMinusTheGradientOfTheInnerLoss) {
    for (const char* text : {"baseline", "mse", "rate=off", "mse,rate=off", "variant1", "mse,update=last",
                             "variant3", "variant3,loss=mse", "variant6"}) {
        SCOPED_TRACE(text);
        const UpdateRule rule = *parse_update_rule(text);
        const int64_t d_hidden = rule.kernel == Kernel::identity ? 6 : 9;
        const Example one = example(3, 11, 6, d_hidden, 5);
        const FastWeights g = inner_gradient(rule, one.weights, one.tokens);
        expect_equal_gradient(g.w1, -gradient_by_autograd(rule, one, one.weights.w1, one.tokens.lr1), "W1");
        EXPECT_EQ(g.w0.defined(), rule.updated == UpdatedMatrices::all);
        if (g.w0.defined()) {
            expect_equal_gradient(g.w0, -gradient_by_autograd(rule, one, one.weights.w0, one.tokens.lr0),
                                  "W0");
            expect_equal_gradient(g.w2, -gradient_by_autograd(rule, one, one.weights.w2, one.tokens.lr2),
                                  "W2");
        }
    }
}

TEST(FastWeightUpdate, AscentGoesTheOtherWay) {
    const Example one = example(2, 7, 4, 8, 4);
    UpdateRule rule = *parse_update_rule("norm=off");
    const auto down = update_fast_weights(rule, one.weights, one.tokens);
    rule.direction = Direction::ascent;
    const auto up = update_fast_weights(rule, one.weights, one.tokens);
    expect_equal_gradient(down.w1 - one.weights.w1, one.weights.w1 - up.w1, "W1");
    expect_equal_gradient(down.w0 - one.weights.w0, one.weights.w0 - up.w0, "W0");
}

TEST(FastWeightUpdate, TheWeightNormKeepsInitialColumnNorms) {
    const Example one = example(2, 7, 4, 8, 5);
    const auto updated = update_fast_weights(*parse_update_rule("steps=3"), one.weights, one.tokens);
    for (const auto& [w, initial] :
         {std::pair{updated.w0, one.weights.w0}, std::pair{updated.w1, one.weights.w1},
          std::pair{updated.w2, one.weights.w2}}) {
        const auto difference = w.norm(2, {1}) - initial.norm(2, {1});
        EXPECT_LE(difference.abs().max().item<double>(), 1e-4);
        EXPECT_GT((w - initial).abs().max().item<double>(), 1e-2);
    }
}

TEST(FastWeightUpdate, LastLayerOnlyLeavesTheOthers) {
    const Example one = example(2, 7, 4, 8, 5);
    const auto updated = update_fast_weights(*parse_update_rule("variant1"), one.weights, one.tokens);
    EXPECT_TRUE(at::equal(updated.w0, one.weights.w0));
    EXPECT_TRUE(at::equal(updated.w2, one.weights.w2));
    EXPECT_FALSE(at::equal(updated.w1, one.weights.w1));
}

TEST(FastWeightUpdate, DescentLowersTheInnerLoss) {
    const Example one = example(2, 40, 6, 12, 6);
    UpdateRule rule = *parse_update_rule("muon=off,norm=off,rate=off");
    double last = inner_dot_loss(rule.kernel, one.weights, one.tokens).sum().item<double>();
    const auto updated = update_fast_weights(rule, one.weights, one.tokens);
    EXPECT_LT(inner_dot_loss(rule.kernel, updated, one.tokens).sum().item<double>(), last);
}

}  // namespace
}  // namespace lact
