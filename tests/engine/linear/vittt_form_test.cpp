// ViTTT's inner models: their steps against automatic differentiation, their linear-attention forms against
// the steps.
#include "engine/linear/vittt_form.h"

#include "engine/ttt/vittt_block.h"
#include "tests/engine/linear/layer_example.h"

#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {

namespace {

using test::relative;

at::Tensor random(at::IntArrayRef sizes) {
    return at::randn(sizes, at::kDouble).to(test::test_device());
}

/// Values of size 30: the gradients then are not small beside the 1 that is added to their norms.
struct GluCase {
    GluWeights weights{random({3, 8, 8}) * 0.5, random({3, 8, 8}) * 0.5};
    at::Tensor q = random({3, 20, 8});
    at::Tensor k = random({3, 20, 8});
    at::Tensor v = random({3, 20, 8}) * 30;
};

struct ConvCase {
    at::Tensor w = random({2, 5, 3, 3});
    at::Tensor q = random({2, 5, 6, 7});
    at::Tensor k = random({2, 5, 6, 7});
    at::Tensor v = random({2, 5, 6, 7}) * 30;
};

TEST(VitttGlu, ItsGradientIsThatOfTheInnerLoss) {
    at::manual_seed(1);
    const GluCase one;
    const GluWeights leaves{one.weights.linear.clone().requires_grad_(),
                            one.weights.gate.clone().requires_grad_()};
    (-vittt_scale * (apply_glu(leaves, one.k) * one.v).sum(2).mean(1)).sum().backward();
    const GluWeights g = glu_gradient(one.weights, one.k, one.v);
    EXPECT_LE(relative(leaves.linear.grad(), g.linear), 1e-12);
    EXPECT_LE(relative(leaves.gate.grad(), g.gate), 1e-12);
}

TEST(VitttGlu, TheFormEqualsTheStepAsStateAndAsAttention) {
    at::manual_seed(2);
    const GluCase one;
    const GluWeights updated = update_glu(one.weights, one.k, one.v);
    const at::Tensor o = apply_glu(updated, one.q);
    const GluForm form = glu_form(one.weights, one.k, one.v);
    EXPECT_LE(relative(o, read_state(form, one.q)), 1e-12);
    EXPECT_LE(relative(o, read_attention(form, one.q)), 1e-12);
    EXPECT_LE(relative(updated.gate, form.gate_after), 1e-12);
    // Without D it would be wrong by as much as the output.
    GluForm without = form;
    without.values = vittt_scale / 20 * one.v * at::silu(at::bmm(one.k, one.weights.gate));
    EXPECT_GT(relative(o, read_attention(without, one.q)), 0.1);
}

TEST(VitttConv, ItsGradientIsThatOfTheInnerLoss) {
    at::manual_seed(3);
    const ConvCase one;
    const at::Tensor leaf = one.w.clone().requires_grad_();
    (-vittt_scale * (apply_conv(leaf, one.k) * one.v).mean({2, 3})).sum().backward();
    EXPECT_LE(relative(leaf.grad(), conv_gradient(one.k, one.v)), 1e-12);
}

TEST(VitttConv, TheFormEqualsTheStepAsStateAndAsAttention) {
    at::manual_seed(4);
    const ConvCase one;
    const at::Tensor o = apply_conv(update_conv(one.w, one.k, one.v), one.q);
    const ConvForm form = conv_form(one.w, one.k, one.v);
    EXPECT_LE(relative(o.flatten(1), read_state(form, one.q).flatten(1)), 1e-12);
    EXPECT_LE(relative(o.flatten(1), read_attention(form, one.q).flatten(1)), 1e-12);
}

TEST(VitttConv, EveryPositionReachesEveryOther) {
    at::manual_seed(5);
    const ConvCase one;
    ConvCase other = one;
    other.v = one.v.clone();
    other.v.select(3, 6).select(2, 5).mul_(3);  // the last corner's value
    const at::Tensor before = apply_conv(update_conv(one.w, one.k, one.v), one.q);
    const at::Tensor after = apply_conv(update_conv(other.w, other.k, other.v), other.q);
    const at::Tensor first_corner = (after - before).abs().select(3, 0).select(2, 0);
    EXPECT_GT(first_corner.max().item<double>(), 1e-3);
}

TEST(VitttForm, SharesOfAPositionMakeUpItsOutput) {
    at::manual_seed(6);
    const GluCase glu;
    const GluForm glu_forms = glu_form(glu.weights, glu.k, glu.v);
    const ConvCase conv;
    const ConvForm conv_forms = conv_form(conv.w, conv.k, conv.v);
    for (const int64_t position : {0, 7, 19}) {
        const auto one = position_attention(glu_forms, glu.q, 1, 2, position);
        EXPECT_EQ(one.shares.numel(), 20);
        EXPECT_NEAR(one.shares.sum().item<double>() + one.initial, 1, 1e-10);
        const auto two = position_attention(conv_forms, conv.q, 1, position);
        EXPECT_EQ(two.shares.numel(), 42);
        EXPECT_NEAR(two.shares.sum().item<double>() + two.initial, 1, 1e-10);
    }
    // A share is what the output loses where that position writes nothing, at fixed D and gate.
    GluForm without = glu_forms;
    without.values = glu_forms.values.clone();
    without.values.select(1, 4).zero_();
    const at::Tensor o = read_state(glu_forms, glu.q).slice(0, 1, 3).select(1, 7).flatten();
    const at::Tensor o_without = read_state(without, glu.q).slice(0, 1, 3).select(1, 7).flatten();
    EXPECT_NEAR(((o - o_without) * o).sum().div(o.square().sum()).item<double>(),
                position_attention(glu_forms, glu.q, 1, 2, 7).shares[4].item<double>(), 1e-10);
}

TEST(Rotary, TurnsKeepLengthsAndInnerProductsDependOnDistanceAlone) {
    const auto rotations = rotary_rotations(5, 6, 16, at::TensorOptions(at::kDouble));
    ASSERT_TRUE(rotations.has_value());
    const at::Tensor x = at::randn({1, 1, 16}, at::kDouble).expand({1, 30, 16});
    const at::Tensor y = at::randn({1, 1, 16}, at::kDouble).expand({1, 30, 16});
    const at::Tensor a = at::matmul(rotated(x, *rotations), rotated(y, *rotations).mT()).squeeze(0);
    EXPECT_LE(relative(x.norm(2, {2}), rotated(x, *rotations).norm(2, {2})), 1e-12);
    EXPECT_NEAR(a[0][8].item<double>(), a[14][22].item<double>(), 1e-12);  // one down, two across
    EXPECT_GT(std::abs(a[0][8].item<double>() - a[0][1].item<double>()), 1e-6);
    for (const int64_t channels : {0, 6, 7}) {
        EXPECT_FALSE(rotary_rotations(5, 6, channels, at::TensorOptions(at::kDouble)).has_value());
    }
    EXPECT_FALSE(rotary_rotations(0, 6, 8, at::TensorOptions(at::kDouble)).has_value());
}

TEST(VitttBlock, ShapesThatDoNotFitAreRefusedByName) {
    const auto block = [] {
        return VitttBlock{2,
                          random({36, 8}),
                          random({36}),
                          random({8, 12}),
                          random({8}),
                          {random({2, 4, 4}), random({2, 4, 4})},
                          random({4, 3, 3})};
    };
    const at::Tensor x = random({1, 6, 8});
    EXPECT_TRUE(vittt_inputs(block(), x, 2, 3).has_value());
    const auto refused = [&](const char* where, const auto& spoil, const at::Tensor& input, int64_t h) {
        VitttBlock one = block();
        spoil(one);
        const auto result = vittt_inputs(one, input, h, 3);
        ASSERT_FALSE(result.has_value()) << where;
        EXPECT_NE(result.error().message().find(where), std::string::npos) << result.error().message();
    };
    const auto keep = [](VitttBlock&) {};
    refused("x", keep, x, 3);
    refused("x", keep, random({6, 8}), 2);
    refused("qkv.weight", keep, random({1, 6, 10}), 2);
    refused(
        "heads", [](VitttBlock& b) { b.heads = 3; }, x, 2);
    refused(
        "qkv.bias", [](VitttBlock& b) { b.qkv_bias = random({35}); }, x, 2);
    refused(
        "proj.weight",
        [](VitttBlock& b) {
            b.proj_weight = random({8, 8});
        },
        x, 2);
    refused(
        "w1", [](VitttBlock& b) { b.glu.linear = at::Tensor(); }, x, 2);
    refused(
        "w2",
        [](VitttBlock& b) {
            b.glu.gate = random({1, 4, 4});
        },
        x, 2);
    refused(
        "w3",
        [](VitttBlock& b) {
            b.conv = random({4, 1, 3, 3});
        },
        x, 2);
    EXPECT_FALSE(vittt_inputs(block(), x, 2, 3, random({2, 3, 2, 2})).has_value());
}

}  // namespace

}  // namespace lact
