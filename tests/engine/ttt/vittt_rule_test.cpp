// The rules of the ViTTT columns of arXiv 2602.21204 against formulae written out here.
#include "engine/ttt/vittt_block.h"

#include <gtest/gtest.h>

namespace lact {
namespace {

struct RandomGlu {
    GluWeights weights;
    at::Tensor q, k, v;
};

RandomGlu random_glu() {
    at::manual_seed(5);
    const auto random = [](at::IntArrayRef shape) { return at::randn(shape, at::kDouble); };
    return {
        {random({3, 8, 8}), random({3, 8, 8})}, random({3, 20, 8}), random({3, 20, 8}), random({3, 20, 8})};
}

double relative_change(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>() / b.abs().max().item<double>();
}

TEST(VitttRule, VariantOneLeavesTheGateAndUpdatesTheLinearPartAlike) {
    const RandomGlu one = random_glu();
    const GluWeights baseline = update_glu(one.weights, one.k, one.v);
    const GluWeights variant = update_glu(one.weights, one.k, one.v, {.update_gate = false});
    EXPECT_TRUE(at::equal(variant.gate, one.weights.gate));
    EXPECT_FALSE(at::allclose(baseline.gate, one.weights.gate));
    EXPECT_TRUE(at::equal(variant.linear, baseline.linear));
}

TEST(VitttRule, VariantSixIsLinearAttention) {
    const RandomGlu one = random_glu();
    const VitttRule rule{.update_gate = false, .gated = false, .normalised = false};
    const at::Tensor o = apply_glu(update_glu(one.weights, one.k, one.v, rule), one.q, rule);
    // q (W + sum of k^T v / (3 N)), by the explicit attention matrix.
    const at::Tensor attention = at::bmm(one.q, one.k.transpose(1, 2)) / (3.0 * 20);
    const at::Tensor expected = at::bmm(one.q, one.weights.linear) + at::bmm(attention, one.v);
    EXPECT_LE(relative_change(o, expected), 1e-12);
}

TEST(VitttRule, VariantThreeScalesEveryColumnOfTheSum) {
    const RandomGlu one = random_glu();
    const VitttRule rule{.update_gate = false, .gated = false};
    const at::Tensor o = apply_glu(update_glu(one.weights, one.k, one.v, rule), one.q, rule);
    const at::Tensor sum = at::bmm(one.k.transpose(1, 2), one.v) / (3.0 * 20);
    const at::Tensor state = one.weights.linear + sum / (sum.square().sum(1, true).sqrt() + 1);
    EXPECT_LE(relative_change(o, at::bmm(one.q, state)), 1e-12);
}

TEST(VitttRule, AscentMirrorsTheStep) {
    const RandomGlu one = random_glu();
    const GluWeights down = update_glu(one.weights, one.k, one.v);
    const GluWeights up = update_glu(one.weights, one.k, one.v, {.ascent = true});
    EXPECT_LE(relative_change(up.linear + down.linear, 2 * one.weights.linear), 1e-12);
    EXPECT_LE(relative_change(up.gate + down.gate, 2 * one.weights.gate), 1e-12);
    at::manual_seed(6);
    const auto image = [] { return at::randn({2, 4, 5, 6}, at::kDouble); };
    const at::Tensor w = at::randn({2, 4, 3, 3}, at::kDouble);
    const at::Tensor k = image();
    const at::Tensor v = image();
    EXPECT_LE(relative_change(update_conv(w, k, v, {.ascent = true}) + update_conv(w, k, v), 2 * w), 1e-12);
    const at::Tensor plain = update_conv(w, k, v, {.normalised = false});
    EXPECT_LE(relative_change(plain, w - conv_gradient(k, v)), 1e-12);
}

TEST(VitttRule, ReadWithKeyReadsBothModulesWithTheirKeys) {
    at::manual_seed(7);
    const auto random = [](at::IntArrayRef shape) { return at::randn(shape, at::kDouble); };
    VitttBlock block;
    block.heads = 2;
    block.qkv_weight = random({3 * 8 + 3 * 4, 8});
    block.proj_weight = random({8, 8 + 4});
    block.glu = {random({2, 4, 4}), random({2, 4, 4})};
    block.conv = random({4, 3, 3});
    const auto inputs = vittt_inputs(block, random({2, 6, 8}), 2, 3);
    ASSERT_TRUE(inputs.has_value()) << inputs.error().message();
    VitttInputs keys = *inputs;
    keys.q = keys.k;
    keys.q2 = keys.k2;
    const VitttOutputs read = run_vittt(block, *inputs, {.read_key = true});
    EXPECT_TRUE(at::equal(read.y, run_vittt(block, keys).y));
    EXPECT_FALSE(at::allclose(read.y, run_vittt(block, *inputs).y));
}

}  // namespace
}  // namespace lact
