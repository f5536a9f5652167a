// The linear-attention form against the TTT step and against automatic differentiation.
#include "engine/linear/form.h"

#include "engine/linear/equivalence.h"
#include "tests/engine/linear/layer_example.h"

#include <algorithm>
#include <limits>
#include <map>
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
        EXPECT_LE(relative(o, read_state(form, inputs.q)), 1e-9);
        EXPECT_LE(relative(o, read_attention(form, inputs.q, MuonFactor::right)), 1e-9);
        EXPECT_LE(relative(o, read_attention(form, inputs.q, MuonFactor::left)), 1e-9);
        EXPECT_LE(relative(o, read_state(linear_form_of(rule, inputs, features_by_autograd), inputs.q)),
                  1e-9);
    }
}

TEST(LinearForm, ItsStateIsTheLayersUpdatedW1) {
    const UpdateRule rule = *parse_update_rule("mse,steps=4");
    const LayerInputs inputs = inputs_for(rule);
    const FastWeights updated = update_fast_weights(rule, inputs.initial, inputs.tokens);
    const LinearForm form = linear_form_of(rule, inputs);
    EXPECT_LE(relative(updated.w1, state_matrix(form)), 1e-9);
    EXPECT_LE(relative(updated.w0, form.updated.w0), 1e-9);
    EXPECT_LE(relative(updated.w2, form.updated.w2), 1e-9);
    EXPECT_LE(relative(updated.w1, inputs.initial.w1 * form.d + state_change(form)), 1e-9);
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
        EXPECT_LE(difference.rel_fp64, 1e-9);
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

TEST(HeadEquivalence, EveryPresetIsEqualForOneToEightSteps) {
    for (const RulePreset& preset : rule_presets()) {
        for (int steps = 1; steps <= 8; ++steps) {
            SCOPED_TRACE(std::string(preset.name) + " steps " + std::to_string(steps));
            UpdateRule rule = preset.rule;
            rule.inner_steps = steps;
            for (const auto& difference : compare_forms(rule, inputs_for(rule))) {
                EXPECT_EQ(difference.not_applicable, "");
                EXPECT_FALSE(difference.step_by_step_fp64);
                EXPECT_LE(difference.rel_fp64, 1e-9);
                EXPECT_TRUE(difference.equal());
                // Information, which these rules keep small.
                EXPECT_FALSE(difference.step_by_step_fp32);
                EXPECT_LE(difference.rel_fp32, 1e-4);
                EXPECT_LE(difference.rel_fp32_key, 1e-4);
            }
        }
    }
}

TEST(HeadEquivalence, EveryPlantedErrorIsSeenInEveryPresetThatItChanges) {
    std::map<PlantedError, int> planted;
    for (const RulePreset& preset : rule_presets()) {
        for (const int steps : {1, 3, 9}) {
            UpdateRule rule = preset.rule;
            rule.inner_steps = steps;
            const LayerInputs inputs = inputs_for(rule);
            for (const PlantedError error : planted_errors) {
                SCOPED_TRACE(std::string(preset.name) + " steps " + std::to_string(steps) + " " +
                             std::string(to_string(error)));
                planted[error] += applies(error, rule) ? 1 : 0;
                const auto differences =
                    compare_in_fp64(rule, inputs, largest_compared_output(rule), planted_step(error));
                for (const auto& rel : differences) {
                    ASSERT_TRUE(rel.has_value());
                    if (applies(error, rule)) {
                        EXPECT_GT(*rel, 1e-7);
                    } else {
                        EXPECT_LE(*rel, 1e-9);
                    }
                }
            }
        }
    }
    // Of ten presets at three numbers of steps: what each mistake needs, by table 2 of arXiv 2602.21204.
    EXPECT_EQ(planted[PlantedError::sign], 3 * 10);
    EXPECT_EQ(planted[PlantedError::altered_value], 3 * 10);
    EXPECT_EQ(planted[PlantedError::rates], 3 * 7);               // not variants 4 to 6
    EXPECT_EQ(planted[PlantedError::stale_features], 3 * 4);      // not variants 1 to 6
    EXPECT_EQ(planted[PlantedError::half_newton_schulz], 3 * 9);  // not variant 6
    EXPECT_EQ(planted[PlantedError::norm_axis], 3 * 5);           // not variants 2 to 6
}

TEST(HeadEquivalence, WithoutAMistakeThePlantedStepIsTheStep) {
    for (const std::string& text : rules()) {
        SCOPED_TRACE(text);
        UpdateRule rule = *parse_update_rule(text);
        const LayerInputs inputs = inputs_for(rule);
        const TttRun run = planted_step(PlantedError::none)(rule, inputs);
        EXPECT_TRUE(at::equal(ttt_output(rule, inputs),
                              apply_fast_weights(rule.kernel, run.readers.back(), inputs.q)));
    }
}

TEST(HeadEquivalence, ManyStepsAreCheckedOneByOneAndTheDriftIsAnotherFigure) {
    UpdateRule rule = *parse_update_rule("ns=fp32");
    rule.inner_steps = 32;
    const LayerInputs inputs = converted(example_inputs(), at::kFloat);
    const auto differences = compare_forms(rule, inputs);
    // The drift, computed here: both forms run all steps in fp32.
    const LinearForm form = linear_form_of(rule, inputs);
    const at::Tensor o = ttt_output(rule, inputs);
    const auto by_state = relative_difference(o, read_state(form, inputs.q));
    const auto by_attention = relative_difference(o, read_attention(form, inputs.q, MuonFactor::right));
    for (std::size_t i = 0; i < differences.size(); ++i) {
        const HeadEquivalence& difference = differences[i];
        EXPECT_TRUE(difference.step_by_step_fp64);
        EXPECT_LE(difference.rel_fp64, 1e-9);
        EXPECT_TRUE(difference.step_by_step_fp32);
        EXPECT_LE(difference.rel_fp32, 1e-4);  // single steps
        EXPECT_DOUBLE_EQ(difference.drift_fp32, std::max(by_state[i], by_attention[i]));
    }
}

UpdateRule random_rule(std::mt19937& random) {
    const auto coin = [&] { return random() % 2 == 0; };
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
    return rule;
}

TEST(HeadEquivalence, RandomRulesThatStaySoundAreEqualAndNotWithAMistake) {
    std::mt19937 random(11);
    int compared = 0;
    int planted = 0;
    for (int i = 0; i < 60; ++i) {
        const UpdateRule rule = random_rule(random);
        const LayerInputs inputs = inputs_for(rule);
        for (const auto& difference : compare_forms(rule, inputs)) {
            if (difference.not_applicable.empty()) {
                ++compared;
                EXPECT_LE(difference.rel_fp64, 1e-9) << format(rule);
            }
        }
        const PlantedError error = planted_errors[static_cast<std::size_t>(i) % planted_errors.size()];
        if (!applies(error, rule)) {
            continue;
        }
        for (const auto& rel : compare_in_fp64(rule, inputs, largest_sound_output, planted_step(error))) {
            if (rel) {
                ++planted;
                EXPECT_GT(*rel, 1e-7) << format(rule) << " " << to_string(error);
            }
        }
    }
    EXPECT_GT(compared, 60);
    EXPECT_GT(planted, 30);
}

TEST(HeadEquivalence, StepsThatAmplifyRoundingAreCheckedOneByOneInFp32Alone) {
    const UpdateRule rule = *parse_update_rule("mse,norm=off,rate=off,steps=8,ns=fp32");
    const LayerInputs wide = example_inputs();
    const LayerInputs narrow = converted(wide, at::kFloat);
    const auto amplified = relative_difference(ttt_output(rule, wide), ttt_output(rule, narrow));
    const auto differences = compare_forms(rule, wide);
    int step_by_step = 0;
    for (std::size_t i = 0; i < differences.size(); ++i) {
        EXPECT_LE(differences[i].rel_fp64, 1e-9);
        EXPECT_FALSE(differences[i].step_by_step_fp64);
        if (amplified[i] > 5e-5) {
            ++step_by_step;
            EXPECT_TRUE(differences[i].step_by_step_fp32);
            EXPECT_GT(differences[i].drift_fp32, differences[i].rel_fp32);
        }
    }
    EXPECT_GT(step_by_step, 0);
    for (const PlantedError error : planted_errors) {
        for (const auto& difference : compare_forms(rule, wide, largest_sound_output, planted_step(error))) {
            EXPECT_EQ(difference.equal(), !applies(error, rule)) << to_string(error);
        }
    }
}

TEST(HeadEquivalence, OneAlteredValueIsSeen) {
    const UpdateRule rule;
    const LayerInputs inputs = converted(example_inputs(), at::kFloat);
    const at::Tensor o = ttt_output(*parse_update_rule("ns=fp32"), inputs);
    LinearForm form = linear_form_of(rule, inputs);
    EXPECT_LE(relative_difference(o, read_state(form, inputs.q))[1], 1e-4);
    at::Tensor& v_hat = form.blocks[0].v_hat;
    v_hat = v_hat.clone();
    v_hat[1][5] *= 1.05;
    EXPECT_LE(relative_difference(o, read_state(form, inputs.q))[0], 1e-4);
    EXPECT_GT(relative_difference(o, read_state(form, inputs.q))[1], 1e-4);
    EXPECT_GT(relative_difference(o, read_attention(form, inputs.q, MuonFactor::right))[1], 1e-4);
}

TEST(HeadEquivalence, NotANumberIsNeverEqual) {
    HeadEquivalence one;
    EXPECT_TRUE(one.equal());
    one.rel_fp64 = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(one.equal());
    // One entry that is not a number, in the output of one head alone.
    const auto with_nan = [](const UpdateRule& rule, const LayerInputs& inputs) {
        TttRun run = run_ttt_step(rule, inputs);
        at::Tensor& w1 = run.readers.back().w1;
        w1 = w1.clone();
        w1[1][0][0] = std::numeric_limits<double>::quiet_NaN();
        return run;
    };
    const auto differences = compare_forms(UpdateRule{}, example_inputs(), largest_sound_output, with_nan);
    EXPECT_TRUE(differences[0].equal());
    EXPECT_FALSE(differences[1].equal());
    EXPECT_GT(differences[1].rel_fp64, 1.0);
}

TEST(HeadEquivalence, ARuleThatDivergesIsNotCompared) {
    UpdateRule rule = *parse_update_rule("mse,direction=ascent,muon=off,norm=off,rate=off,steps=8");
    for (const auto& difference : compare_forms(rule, example_inputs())) {
        EXPECT_NE(difference.not_applicable, "");
    }
}

TEST(HeadEquivalence, APlainSumIsComparedAtAnySize) {
    UpdateRule rule = *parse_update_rule("variant6,steps=64");
    EXPECT_EQ(largest_compared_output(*parse_update_rule("mse,muon=off,norm=off")), largest_sound_output);
    LayerInputs inputs = inputs_for(rule);
    const double limit = largest_compared_output(rule);
    EXPECT_GT(limit, 1e300);
    rule.inner_steps = free_running_steps;
    inputs.tokens.v = inputs.tokens.v * 1e6;
    EXPECT_NE(compare_forms(rule, inputs).front().not_applicable, "") << "its outputs are large";
    for (const auto& difference : compare_forms(rule, inputs, limit)) {
        EXPECT_EQ(difference.not_applicable, "");
        EXPECT_TRUE(difference.equal()) << difference.rel_fp64;
    }
}

TEST(HeadEquivalence, TheRunningPrecisionIsASeparateDifference) {
    const UpdateRule rule;  // Newton-Schulz in bf16, as released
    LayerInputs inputs = converted(example_inputs(), at::kFloat);
    inputs.o = ttt_output(rule, inputs);
    for (const auto& difference : compare_forms(rule, inputs)) {
        EXPECT_TRUE(difference.equal());
        EXPECT_GT(difference.precision, 1e-3);
        EXPECT_LT(difference.precision, 0.5);
    }
}

}  // namespace

}  // namespace lact
