// The linear-attention form against the TTT step and against automatic differentiation.
#include "engine/linear/form.h"

#include "engine/linear/equivalence.h"
#include "tests/engine/linear/layer_example.h"

#include <random>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {

namespace {

using test::example_inputs;
using test::relative;

/// Gradients of the whole inner loss, sum_i rate_i weight_i L(f(k_i), v_i), by automatic differentiation.
FeatureGradient features_by_autograd(const UpdateRule& rule, const FastWeights& weights,
                                     const UpdateTokens& tokens) {
    const double sign = rule.direction == Direction::descent ? -1 : 1;
    const auto gradient = [&](bool first, const at::Tensor& rate) {
        const at::Tensor w0 = weights.w0.detach().clone().requires_grad_();
        const at::Tensor w2 = weights.w2.detach().clone().requires_grad_();
        const at::Tensor f =
            at::matmul(at::silu(at::matmul(tokens.k, w0)) * at::matmul(tokens.k, w2), weights.w1);
        at::Tensor loss = rule.loss == InnerLoss::dot ? -(f * tokens.v).sum(2, true)
                                                      : 0.5 * (tokens.v - f).square().sum(2, true);
        if (rule.per_token_rate) {
            loss = loss * rate;
        }
        if (tokens.weight.defined()) {
            loss = loss * tokens.weight;
        }
        loss.sum().backward();
        return sign * (first ? w0 : w2).grad();
    };
    return {gradient(true, tokens.lr0), gradient(false, tokens.lr2)};
}

LayerInputs inputs_for(const UpdateRule& rule) {
    test::ExampleSizes sizes;
    if (rule.kernel == Kernel::identity) {
        sizes.d_hidden = sizes.d_in;
    }
    return example_inputs(sizes);
}

at::Tensor ttt_output(const UpdateRule& rule, const LayerInputs& inputs) {
    return apply_fast_weights(rule.kernel, update_fast_weights(rule, inputs.initial, inputs.tokens),
                              inputs.q);
}

const std::vector<std::string>& rules() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> texts = {
            "mse,direction=ascent", "muon=off", "muon=off,norm=off,loss=mse", "muon=0",
            "mse,steps=3",          "rate=off", "variant3,loss=mse,steps=2"};
        for (const RulePreset& preset : rule_presets()) {
            texts.emplace_back(preset.name);
        }
        return texts;
    }();
    return all;
}

TEST(LinearForm, ItsGradientsAreThoseOfAutomaticDifferentiation) {
    for (const char* text : {"baseline", "mse", "ascent", "rate=off,loss=mse"}) {
        SCOPED_TRACE(text);
        const UpdateRule rule = *parse_update_rule(text);
        LayerInputs inputs = inputs_for(rule);
        inputs.tokens.weight = token_weights(at::tensor({0.5, 2.0, 0.0}, inputs.q.options()), 8);
        const auto own = chain_rule_gradient(rule, inputs.initial, inputs.tokens);
        const auto expected = features_by_autograd(rule, inputs.initial, inputs.tokens);
        EXPECT_LE(relative(expected.g0, own.g0), 1e-12);
        EXPECT_LE(relative(expected.g2, own.g2), 1e-12);
    }
}

TEST(LinearForm, EqualsTheLayerAsStateAndAsAttentionWithGradientsFromEitherSource) {
    for (const std::string& text : rules()) {
        SCOPED_TRACE(text);
        UpdateRule rule = *parse_update_rule(text);
        const LayerInputs inputs = inputs_for(rule);
        const at::Tensor o = ttt_output(rule, inputs);
        const LinearForm form = linear_form_of(rule, inputs);
        EXPECT_LE(relative(o, read_state(form, inputs.q)), equivalence_tolerance_fp64);
        EXPECT_LE(relative(o, read_attention(form, inputs.q, MuonFactor::right)), equivalence_tolerance_fp64);
        EXPECT_LE(relative(o, read_attention(form, inputs.q, MuonFactor::left)), equivalence_tolerance_fp64);
        EXPECT_LE(relative(o, read_state(linear_form_of(rule, inputs, features_by_autograd), inputs.q)),
                  equivalence_tolerance_fp64);
    }
}

TEST(LinearForm, ItsStateIsTheLayersUpdatedW1) {
    const UpdateRule rule = *parse_update_rule("mse,steps=4");
    const LayerInputs inputs = inputs_for(rule);
    const FastWeights updated = update_fast_weights(rule, inputs.initial, inputs.tokens);
    const LinearForm form = linear_form_of(rule, inputs);
    EXPECT_LE(relative(updated.w1, state_matrix(form)), equivalence_tolerance_fp64);
    EXPECT_LE(relative(updated.w0, form.updated.w0), equivalence_tolerance_fp64);
    EXPECT_LE(relative(updated.w2, form.updated.w2), equivalence_tolerance_fp64);
    EXPECT_LE(relative(updated.w1, inputs.initial.w1 * form.d + state_change(form)),
              equivalence_tolerance_fp64);
}

TEST(LinearForm, BothFactorsOfMuonGiveOneMatrixButDifferentWeights) {
    for (const int64_t d_hidden : {14, 10, 6}) {
        test::ExampleSizes sizes;
        sizes.d_hidden = d_hidden;
        const LayerInputs inputs = example_inputs(sizes);
        const LinearForm form = linear_form_of(UpdateRule{}, inputs);
        const LinearBlock& block = form.blocks.front();
        EXPECT_LE(relative(at::matmul(block.muon.p_left, block.g1), at::matmul(block.g1, block.muon.p_right)),
                  1e-11);
        // Singular values after M are those of the product.
        EXPECT_LE(relative(at::linalg_svdvals(at::matmul(block.g1, block.muon.p_right).to(at::kCPU)),
                           std::get<0>(block.muon.sigma_after.to(at::kCPU).sort(1, true))),
                  1e-11);
        EXPECT_GT(relative(block_keys(block, MuonFactor::left), block.phi_k), 0.1);
        EXPECT_GT(relative(block_values(block, MuonFactor::right), block.v_hat), 0.1);
    }
}

TEST(LinearForm, TheLeftFactorActsOnTheRangeOfGAlone) {
    const LayerInputs inputs = example_inputs();  // d_h 14 > d_out 10: G^T has a null space
    const LinearForm form = linear_form_of(UpdateRule{}, inputs);
    const LinearBlock& block = form.blocks.front();
    const at::Tensor values = at::linalg_svdvals(block.muon.p_left.to(at::kCPU));
    EXPECT_GT(values.slice(1, 0, 10).min().item<double>(), 1e-3);
    EXPECT_LE(values.slice(1, 10).max().item<double>(), 1e-9 * values.max().item<double>());
}

TEST(LinearForm, ARankDeficientGradientIsNoProblem) {
    test::ExampleSizes sizes;
    sizes.views = 1;
    sizes.tokens_per_view = 4;  // rank 4 of 10
    const LayerInputs inputs = example_inputs(sizes);
    for (const auto& difference : compare_forms(UpdateRule{}, inputs)) {
        EXPECT_TRUE(difference.within()) << difference.rel << " " << difference.rel_fp64;
    }
}

TEST(LinearForm, MovementOfPhiIsZeroExactlyWhereItIsStatic) {
    const LayerInputs inputs = example_inputs();
    EXPECT_GT(feature_movement(linear_form_of(UpdateRule{}, inputs), inputs.q).min().item<double>(), 0.01);
    EXPECT_EQ(feature_movement(linear_form_of(*parse_update_rule("variant1"), inputs), inputs.q)
                  .max()
                  .item<double>(),
              0);
}

TEST(HeadEquivalence, EveryPresetIsWithinToleranceForOneToEightSteps) {
    for (const RulePreset& preset : rule_presets()) {
        for (int steps = 1; steps <= 8; ++steps) {
            SCOPED_TRACE(std::string(preset.name) + " steps " + std::to_string(steps));
            UpdateRule rule = preset.rule;
            rule.inner_steps = steps;
            for (const auto& difference : compare_forms(rule, inputs_for(rule))) {
                EXPECT_EQ(difference.not_applicable, "");
                EXPECT_FALSE(difference.step_by_step);
                EXPECT_LE(difference.rel, equivalence_tolerance_fp32);
                EXPECT_LE(difference.rel_key, equivalence_tolerance_fp32);
                EXPECT_LE(difference.rel_fp64, equivalence_tolerance_fp64);
                EXPECT_TRUE(difference.within());
            }
        }
    }
}

TEST(HeadEquivalence, ManyStepsAreCheckedOneByOneAndTheDriftIsAnotherFigure) {
    UpdateRule rule;
    rule.inner_steps = 32;
    for (const auto& difference : compare_forms(rule, example_inputs())) {
        EXPECT_TRUE(difference.within()) << difference.rel << " " << difference.rel_fp64;
        EXPECT_TRUE(difference.step_by_step);
        EXPECT_GT(difference.drift, 0);
        EXPECT_NE(difference.drift, difference.rel);
    }
}

TEST(HeadEquivalence, RandomRulesThatStaySound) {
    std::mt19937 random(11);
    const auto coin = [&] { return random() % 2 == 0; };
    int compared = 0;
    for (int i = 0; i < 60; ++i) {
        UpdateRule rule;
        rule.loss = coin() ? InnerLoss::dot : InnerLoss::mse;
        rule.direction = coin() ? Direction::descent : Direction::ascent;
        rule.inner_steps = static_cast<int>(1 + random() % 8);
        rule.orthogonalize = coin();
        rule.ns_steps = rule.orthogonalize ? static_cast<int>(random() % 8) : rule.ns_steps;
        rule.weight_norm = coin();
        rule.per_token_rate = coin();
        rule.updated = coin() ? UpdatedMatrices::all : UpdatedMatrices::last;
        const bool identity = rule.updated == UpdatedMatrices::last && coin();
        rule.kernel = identity ? Kernel::identity : Kernel::swiglu;
        for (const auto& difference : compare_forms(rule, inputs_for(rule))) {
            if (difference.not_applicable.empty()) {
                ++compared;
                EXPECT_TRUE(difference.within()) << format(rule) << ": " << difference.rel << ", fp64 "
                                                 << difference.rel_fp64 << ", key " << difference.rel_key;
            }
        }
    }
    EXPECT_GT(compared, 60);
}

TEST(HeadEquivalence, StepsThatAmplifyRoundingAreCheckedOneByOne) {
    const UpdateRule rule = *parse_update_rule("mse,norm=off,rate=off,steps=8");
    const auto differences = compare_forms(rule, example_inputs());
    int step_by_step = 0;
    for (const auto& difference : differences) {
        EXPECT_TRUE(difference.within()) << difference.rel;
        step_by_step += difference.step_by_step ? 1 : 0;
    }
    EXPECT_GT(step_by_step, 0);
}

TEST(HeadEquivalence, OneAlteredValueIsSeen) {
    const UpdateRule rule;
    const LayerInputs inputs = converted(example_inputs(), at::kFloat);
    const at::Tensor o = ttt_output(*parse_update_rule("ns=fp32"), inputs);
    LinearForm form = linear_form_of(rule, inputs);
    EXPECT_LE(relative_difference(o, read_state(form, inputs.q))[1], equivalence_tolerance_fp32);
    at::Tensor& v_hat = form.blocks[0].v_hat;
    v_hat = v_hat.clone();
    v_hat[1][5] *= 1.05;
    EXPECT_LE(relative_difference(o, read_state(form, inputs.q))[0], equivalence_tolerance_fp32);
    EXPECT_GT(relative_difference(o, read_state(form, inputs.q))[1], equivalence_tolerance_fp32);
    EXPECT_GT(relative_difference(o, read_attention(form, inputs.q, MuonFactor::right))[1],
              equivalence_tolerance_fp32);
}

TEST(HeadEquivalence, NotANumberIsNeverWithin) {
    HeadEquivalence difference;
    EXPECT_TRUE(difference.within());
    difference.rel = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(difference.within());
    const at::Tensor a = at::ones({1, 2, 2});
    const at::Tensor b = a.clone();
    b[0][0][0] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_GT(relative_difference(a, b)[0], 1.0);
}

TEST(HeadEquivalence, ARuleThatDivergesIsNotCompared) {
    UpdateRule rule = *parse_update_rule("mse,direction=ascent,muon=off,norm=off,rate=off,steps=8");
    for (const auto& difference : compare_forms(rule, example_inputs())) {
        EXPECT_NE(difference.not_applicable, "");
    }
}

TEST(HeadEquivalence, TheRunningPrecisionIsASeparateDifference) {
    const UpdateRule rule;  // Newton-Schulz in bf16, as released
    LayerInputs inputs = converted(example_inputs(), at::kFloat);
    inputs.o = ttt_output(rule, inputs);
    for (const auto& difference : compare_forms(rule, inputs)) {
        EXPECT_TRUE(difference.within());
        EXPECT_GT(difference.precision, 1e-3);
        EXPECT_LT(difference.precision, 0.5);
    }
}

}  // namespace

}  // namespace lact
