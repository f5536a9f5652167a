// Attention rows, shares and contributions of single views.
#include "engine/linear/attention.h"

#include "engine/linear/muon_factor.h"
#include "engine/linear/spectrum.h"
#include "tests/engine/linear/layer_example.h"

#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::example_inputs;
using test::relative;

constexpr MuonFactor factors[] = {MuonFactor::right, MuonFactor::left};

TEST(Attention, ARowIsARowOfTheExplicitMatrix) {
    const LayerInputs inputs = example_inputs();
    const LinearForm form = linear_form_of(*parse_update_rule("mse,steps=2"), inputs);
    const at::Tensor phi_q = form_features(form.kernel, form.updated, inputs.q);
    for (const MuonFactor factor : factors) {
        const AttentionRow row = attention_row(form, inputs.q.slice(1, 4, 5), factor);
        ASSERT_EQ(row.weights.size(), 2U);
        for (std::size_t t = 0; t < 2; ++t) {
            const at::Tensor a = at::matmul(phi_q, block_keys(form.blocks[t], factor).mT());
            EXPECT_LE(relative(a.select(1, 4), row.weights[t]), 1e-12);
        }
        EXPECT_LE(relative(read_state(form, inputs.q).slice(1, 4, 5), row.o), 1e-12);
    }
}

TEST(Attention, TheFactorsGiveTheSameSharesWithoutMuonAndDifferWithIt) {
    const LayerInputs inputs = example_inputs();
    const at::Tensor q = inputs.q.slice(1, 0, 1);
    const LinearForm plain = linear_form_of(*parse_update_rule("muon=off"), inputs);
    EXPECT_LE(relative(attention_row(plain, q, MuonFactor::right).shares,
                       attention_row(plain, q, MuonFactor::left).shares),
              1e-12);
    const LinearForm muon = linear_form_of(UpdateRule{}, inputs);
    EXPECT_GT(relative(attention_row(muon, q, MuonFactor::right).shares,
                       attention_row(muon, q, MuonFactor::left).shares),
              0.1);
}

TEST(Attention, WhatATokenIsReadForIsItsEntryOfEveryRow) {
    const LayerInputs inputs = example_inputs();
    for (const char* text : {"baseline", "mse,steps=2", "muon=off"}) {
        SCOPED_TRACE(text);
        const LinearForm form = linear_form_of(*parse_update_rule(text), inputs);
        for (const MuonFactor factor : factors) {
            const at::Tensor reads = token_reads(form, inputs.q, 5, factor);
            ASSERT_EQ(reads.size(1), inputs.q.size(1));
            for (int64_t i = 0; i < inputs.q.size(1); ++i) {
                const AttentionRow row = attention_row(form, inputs.q.slice(1, i, i + 1), factor);
                EXPECT_LE(relative(row.shares.select(1, 5), reads.select(1, i)), 1e-9) << i;
            }
        }
    }
}

TEST(Attention, SharesSumToOneForEveryRuleFactorAndChoiceOfQueries) {
    for (const char* text :
         {"baseline", "ascent", "mse,steps=3", "variant1", "variant2", "muon=off,norm=off"}) {
        SCOPED_TRACE(text);
        const LayerInputs inputs = example_inputs();
        const LinearForm form = linear_form_of(*parse_update_rule(text), inputs);
        for (const MuonFactor factor : factors) {
            for (const at::Tensor& q : {inputs.q, inputs.q.slice(1, 2, 3)}) {
                const TokenShares shares = token_shares(form, q, factor);
                const at::Tensor views = view_sums(shares.tokens, inputs.tokens_per_view);
                EXPECT_EQ(views.size(1), 3);
                const at::Tensor sum = shares.s0 + views.sum(1);
                EXPECT_LE((sum - 1).abs().max().item<double>(), 1e-10);
            }
        }
    }
}

TEST(Attention, TheSharesOfOneQueryAreThoseOfItsRow) {
    const LayerInputs inputs = example_inputs();
    const LinearForm form = linear_form_of(*parse_update_rule("steps=2"), inputs);
    const at::Tensor q = inputs.q.slice(1, 7, 8);
    for (const MuonFactor factor : factors) {
        const AttentionRow row = attention_row(form, q, factor);
        const TokenShares shares = token_shares(form, q, factor);
        EXPECT_LE(relative(shares.tokens, row.shares), 1e-11);
        EXPECT_LE(relative(shares.s0, row.s0), 1e-11);
    }
}

TEST(Attention, AShareIsWhatTheViewAddsToTheOutput) {
    const LayerInputs inputs = example_inputs();
    const LinearForm form = linear_form_of(UpdateRule{}, inputs);
    const LinearBlock& block = form.blocks[0];
    const at::Tensor o = read_state(form, inputs.q);
    const at::Tensor phi_q = form_features(form.kernel, form.updated, inputs.q);
    const at::Tensor views =
        view_sums(token_shares(form, inputs.q, MuonFactor::right).tokens, inputs.tokens_per_view);
    const at::Tensor values = block_values(block, MuonFactor::right);
    for (int64_t j = 0; j < 3; ++j) {
        const at::Tensor part = at::matmul(phi_q, at::matmul(block.phi_k.slice(1, 8 * j, 8 * j + 8).mT(),
                                                             values.slice(1, 8 * j, 8 * j + 8))) *
                                block.d;
        const at::Tensor expected = (part * o).sum({1, 2}) / (o * o).sum({1, 2});
        EXPECT_LE((views.select(1, j) - expected).abs().max().item<double>(), 1e-11);
    }
}

/// Contributions (a_j v~_j) D of S0 (first) and every token to the output of every query, formed explicitly:
/// [n, 1 + tokens, queries, d_out].
at::Tensor explicit_contributions(const LinearForm& form, const at::Tensor& q, MuonFactor factor) {
    const at::Tensor phi_q = form_features(form.kernel, form.updated, q);
    at::Tensor tokens;
    for (const LinearBlock& block : form.blocks) {
        const at::Tensor a = at::matmul(phi_q, block_keys(block, factor).mT());
        const at::Tensor values = block_values(block, factor) * block.d;
        const at::Tensor part = a.mT().unsqueeze(3) * values.unsqueeze(2);
        tokens = tokens.defined() ? tokens + part : part;
    }
    return at::cat({(at::matmul(phi_q, form.initial.w1) * form.d).unsqueeze(1), tokens}, 1);
}

TEST(CentredShares, AreThoseOfTheDifferenceFromTheMean) {
    const LayerInputs inputs = example_inputs();
    for (const char* text : {"baseline", "mse,steps=3", "ascent,muon=off", "variant2"}) {
        SCOPED_TRACE(text);
        const LinearForm form = linear_form_of(*parse_update_rule(text), inputs);
        const MeanRead mean = mean_read(form, inputs.q);
        for (const MuonFactor factor : factors) {
            const at::Tensor c = explicit_contributions(form, inputs.q, factor);
            const at::Tensor own = c - c.mean(2, /*keepdim=*/true);
            const at::Tensor o = own.sum(1, /*keepdim=*/true);
            const at::Tensor products = (own * o).sum(3);  // [n, 1 + tokens, queries]
            const at::Tensor size = (o * o).sum(3);
            const TokenShares all = token_shares(form, inputs.q, factor, mean);
            const at::Tensor of_all = products.sum(2) / size.sum(2);
            EXPECT_LE(relative(of_all.slice(1, 1), all.tokens), 1e-8);
            EXPECT_LE(relative(of_all.select(1, 0), all.s0), 1e-8);
            const at::Tensor of_each = products / size;
            for (int64_t i = 0; i < inputs.q.size(1); ++i) {
                const AttentionRow row = attention_row(form, inputs.q.slice(1, i, i + 1), factor, mean);
                EXPECT_LE(relative(of_each.select(2, i).slice(1, 1), row.shares), 1e-8) << i;
                EXPECT_LE(relative(of_each.select(2, i).select(1, 0), row.s0), 1e-8) << i;
                // What the row is of, and its weights, do not depend on the mean.
                const AttentionRow plain = attention_row(form, inputs.q.slice(1, i, i + 1), factor);
                EXPECT_LE(relative(plain.o, row.o), 1e-10);
                EXPECT_LE(relative(plain.weights.back(), row.weights.back()), 1e-12);
            }
            EXPECT_LE(relative(of_each.select(1, 6), token_reads(form, inputs.q, 5, factor, mean)), 1e-8);
        }
    }
}

TEST(CentredShares, SumToOneAlsoFromInputsInFp32) {
    const LayerInputs inputs = converted(example_inputs(), at::kFloat);
    for (const char* text : {"baseline", "mse,steps=3", "muon=off,norm=off"}) {
        SCOPED_TRACE(text);
        const LinearForm form = linear_form_of(*parse_update_rule(text), inputs);
        const MeanRead mean = mean_read(form, inputs.q);
        for (const MuonFactor factor : factors) {
            const TokenShares all = token_shares(form, inputs.q, factor, mean);
            EXPECT_LE((all.s0 + all.tokens.sum(1) - 1).abs().max().item<double>(), 1e-9);
            const AttentionRow row = attention_row(form, inputs.q.slice(1, 3, 4), factor, mean);
            EXPECT_LE((row.s0 + row.shares.sum(1) - 1).abs().max().item<double>(), 1e-9);
        }
    }
}

TEST(CentredShares, DoNotSeeAnAnswerThatAllQueriesHaveInCommon) {
    // Queries around one direction: the mean answer is nearly all of the output.
    LayerInputs inputs = example_inputs();
    inputs.q = inputs.q.slice(1, 0, 1) + 0.02 * inputs.q;
    const LinearForm form = linear_form_of(UpdateRule{}, inputs);
    const MeanRead mean = mean_read(form, inputs.q);
    EXPECT_GT(mean.fraction.min().item<double>(), 0.99);
    EXPECT_LT(mean.fraction.max().item<double>(), 1);
    const TokenShares whole = token_shares(form, inputs.q, MuonFactor::right);
    const TokenShares centred = token_shares(form, inputs.q, MuonFactor::right, mean);
    EXPECT_GT(relative(whole.tokens, centred.tokens), 0.1);
    const at::Tensor o = read_state(form, inputs.q);
    const at::Tensor expected = o.mean(1).square().sum(1) / o.square().sum(2).mean(1);
    EXPECT_LE(relative(expected, mean.fraction), 1e-10);
}

TEST(CentredShares, AQueryThatEqualsTheMeanHasNone) {
    const LayerInputs inputs = example_inputs();
    const LinearForm form = linear_form_of(UpdateRule{}, inputs);
    const at::Tensor same = inputs.q.slice(1, 2, 3).expand({-1, 3, -1}).contiguous();
    const MeanRead mean = mean_read(form, same);
    EXPECT_NEAR(mean.fraction.min().item<double>(), 1, 1e-12);
    const AttentionRow row = attention_row(form, same.slice(1, 0, 1), MuonFactor::right, mean);
    EXPECT_TRUE(row.shares.isnan().all().item<bool>());
    EXPECT_TRUE(row.s0.isnan().all().item<bool>());
    EXPECT_TRUE(row.weights[0].isfinite().all().item<bool>());
    EXPECT_TRUE(token_shares(form, same, MuonFactor::left, mean).tokens.isnan().all().item<bool>());
    EXPECT_TRUE(token_reads(form, same, 0, MuonFactor::right, mean).isnan().all().item<bool>());
    // Shares of the whole output exist.
    EXPECT_TRUE(token_shares(form, same, MuonFactor::left).tokens.isfinite().all().item<bool>());
}

TEST(Attention, EntropyCountsTheTokensThatARowUses) {
    const at::Tensor rows = at::tensor({0.0, -3.0, 0.0, 0.0, 2.0, -2.0, 2.0, -2.0, 4.0, 2.0, -1.0, 1.0})
                                .view({3, 4})
                                .to(at::kDouble);
    const at::Tensor bits = entropy_bits(rows);
    EXPECT_NEAR(bits[0].item<double>(), 0, 1e-12);
    EXPECT_NEAR(bits[1].item<double>(), 2, 1e-12);
    EXPECT_NEAR(bits[2].item<double>(), 0.5 * 1 + 0.25 * 2 + 2 * 0.125 * 3, 1e-12);
    EXPECT_TRUE(entropy_bits(at::zeros({1, 4}, at::kDouble)).isnan().item<bool>());
}

TEST(Contributions, GradientsAreSumsOverViews) {
    for (const char* text : {"baseline", "mse", "ascent", "variant2"}) {
        SCOPED_TRACE(text);
        const UpdateRule rule = *parse_update_rule(text);
        const LayerInputs inputs = example_inputs();
        const ViewGradients views =
            view_gradients(rule, inputs.initial, inputs.tokens, inputs.tokens_per_view);
        const double sign = rule.direction == Direction::descent ? 1 : -1;
        const FastWeights all = inner_gradient(rule, inputs.initial, inputs.tokens);
        EXPECT_EQ(views.g1.size(0), 3);
        EXPECT_LE(relative(sign * all.w1, views.g1.sum(0)), 1e-12);
        EXPECT_EQ(views.g0.defined(), all.w0.defined());
        if (views.g0.defined()) {
            EXPECT_LE(relative(sign * all.w0, views.g0.sum(0)), 1e-12);
            EXPECT_LE(relative(sign * all.w2, views.g2.sum(0)), 1e-12);
        }
    }
}

TEST(Contributions, TheStateAfterSomeViewsIsAnUpdateWithTheirTokensAlone) {
    for (const char* text : {"baseline", "mse,steps=2", "variant6"}) {
        SCOPED_TRACE(text);
        const UpdateRule rule = *parse_update_rule(text);
        test::ExampleSizes sizes;
        sizes.d_hidden = rule.kernel == Kernel::identity ? sizes.d_in : sizes.d_hidden;
        const LayerInputs inputs = example_inputs(sizes);
        UpdateTokens two = inputs.tokens;
        for (at::Tensor* x : {&two.k, &two.v, &two.lr0, &two.lr1, &two.lr2}) {
            *x = x->slice(1, 0, 16);
        }
        const FastWeights expected = update_fast_weights(rule, inputs.initial, two);
        const auto weights = [&](double last) { return at::tensor({1.0, 1.0, last}, at::kDouble); };
        const FastWeights after = state_with_view_weights(rule, inputs, weights(0));
        EXPECT_LE(relative(expected.w1, after.w1), 1e-9);
        EXPECT_LE(relative(expected.w0, after.w0), 1e-9);
        const FastWeights all = state_with_view_weights(rule, inputs, weights(1));
        EXPECT_LE(relative(update_fast_weights(rule, inputs.initial, inputs.tokens).w1, all.w1), 1e-9);
    }
}

TEST(Contributions, AScaledViewIsAScaledSummand) {
    const UpdateRule rule = *parse_update_rule("mse");
    const LayerInputs inputs = example_inputs();
    const at::Tensor weights = at::tensor({1.0, 0.25, 3.0}, inputs.q.options());
    const ViewGradients g = view_gradients(rule, inputs.initial, inputs.tokens, inputs.tokens_per_view);
    const auto weighted = [&](const at::Tensor& views) {
        return (views * weights.reshape({3, 1, 1, 1})).sum(0);
    };
    const FastWeights from_sums =
        state_from_gradients(rule, inputs.initial, weighted(g.g0), weighted(g.g1), weighted(g.g2));
    const FastWeights from_tokens = state_with_view_weights(rule, inputs, weights);
    LayerInputs weighted_inputs = inputs;
    weighted_inputs.tokens.weight = token_weights(weights, inputs.tokens_per_view);
    const FastWeights by_the_form = linear_form_of(rule, weighted_inputs).updated;
    for (const auto& other : {from_sums, from_tokens}) {
        EXPECT_LE(relative(by_the_form.w0, other.w0), 1e-9);
        EXPECT_LE(relative(by_the_form.w1, other.w1), 1e-9);
        EXPECT_LE(relative(by_the_form.w2, other.w2), 1e-9);
    }
}

TEST(Spectrum, EffectiveRankCountsDirections) {
    const at::Tensor sigma =
        at::tensor({3.0, 3.0, 3.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0}).view({3, 4});
    const at::Tensor rank = effective_rank(sigma);
    EXPECT_NEAR(rank[0].item<double>(), 3, 1e-6);
    EXPECT_NEAR(rank[1].item<double>(), 1, 1e-6);
    EXPECT_EQ(rank[2].item<double>(), 0);
}

TEST(Spectrum, MuonEvensOutTheSingularValues) {
    const UpdateRule rule;
    const LayerInputs inputs = example_inputs();
    const LinearForm form = linear_form_of(rule, inputs);
    const auto spectra = step_spectra(rule, form.blocks[0]);
    const FastWeights g = inner_gradient(rule, inputs.initial, inputs.tokens);
    const at::Tensor expected[] = {g.w0, g.w1, g.w2};
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_LE(relative(singular_values(expected[i]), spectra[i].before), 1e-11);
        EXPECT_GT(effective_rank(spectra[i].after).min().item<double>(),
                  effective_rank(spectra[i].before).max().item<double>());
    }
    EXPECT_FALSE(step_spectra(*parse_update_rule("variant1"),
                              linear_form_of(*parse_update_rule("variant1"), inputs).blocks[0])[0]
                     .before.defined());
}

TEST(Spectrum, TheInnerLossIsTheRulesOwn) {
    const LayerInputs inputs = example_inputs();
    const UpdateRule dot;
    EXPECT_LE(relative(inner_dot_loss(dot.kernel, inputs.initial, inputs.tokens),
                       inner_loss(dot, inputs.initial, inputs.tokens)),
              1e-12);
    const UpdateRule mse = *parse_update_rule("mse,muon=off,norm=off");
    const FastWeights after = update_fast_weights(mse, inputs.initial, inputs.tokens);
    EXPECT_LT(inner_loss(mse, after, inputs.tokens).max().item<double>(),
              inner_loss(mse, inputs.initial, inputs.tokens).max().item<double>());
}

TEST(Spectrum, TheInnerLossOfMseIsHalfTheSquaredDistance) {
    const LayerInputs inputs = example_inputs();
    const UpdateRule mse = *parse_update_rule("mse");
    const at::Tensor loss = inner_loss(mse, inputs.initial, inputs.tokens).cpu();
    const at::Tensor f = apply_fast_weights(mse.kernel, inputs.initial, inputs.tokens.k).cpu();
    const at::Tensor v = inputs.tokens.v.cpu();
    for (int64_t n = 0; n < f.size(0); ++n) {
        double sum = 0;
        for (int64_t i = 0; i < f.size(1); ++i) {
            for (int64_t c = 0; c < f.size(2); ++c) {
                const double off = v[n][i][c].item<double>() - f[n][i][c].item<double>();
                sum += off * off / 2;
            }
        }
        EXPECT_GE(loss[n].item<double>(), 0);
        EXPECT_NEAR(loss[n].item<double>(), sum / static_cast<double>(f.size(1)), 1e-10 * sum);
    }
}

}  // namespace
}  // namespace lact
