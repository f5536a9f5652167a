// A sequence as linear attention against the recurrence, for every rule, in every reading.
#include "engine/linear/sequence_form.h"

#include "engine/linear/parallel.h"
#include "tests/engine/linear/layer_example.h"
#include "tests/engine/linear/sequence_example.h"

#include <utility>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {

namespace {

using test::relative;
using test::sequence_case;
using test::SequenceCase;

TEST(SequenceForm, EqualsTheRecurrenceForEveryRow) {
    for (SequenceRule rule : test::sequence_rules(0, 6)) {
        for (const NormPlace place : {NormPlace::post, NormPlace::pre}) {
            rule.norm = place;
            SCOPED_TRACE(test::described(rule));
            const SequenceCase one = sequence_case(rule);
            SequenceTrace trace;
            const at::Tensor o = *run_sequence(one.rule, one.initial, one.tokens, &trace);
            const SequenceForm form = sequence_form_of(one.rule, one.initial, one.tokens);
            EXPECT_LE(relative(o, read_state(form, one.tokens.q)), 1e-9);
            EXPECT_LE(relative(o, read_attention(form, one.tokens.q)), 1e-9);
            for (std::size_t i = 0; i < trace.states.size(); ++i) {
                EXPECT_LE(relative(trace.states[i].w1, form.after[i].w1), 1e-9);
                EXPECT_LE(relative(trace.buffers[i].w1, form.chunks[i].delta), 1e-9);
            }
        }
    }
}

TEST(SequenceForm, OtherLossesAndDirections) {
    for (const char* text :
         {"mse,momentum=on", "ascent,momentum=on", "mse,direction=ascent,rate=off,norm=on"}) {
        SCOPED_TRACE(text);
        SequenceRule rule;
        rule.rule = *parse_update_rule(text);
        const SequenceCase one = sequence_case(rule);
        const at::Tensor o = *run_sequence(one.rule, one.initial, one.tokens);
        const SequenceForm form = sequence_form_of(one.rule, one.initial, one.tokens);
        EXPECT_LE(relative(o, read_attention(form, one.tokens.q)), 1e-8);
    }
}

TEST(SequenceForm, ChunkByChunkItEqualsTheRecurrenceAndSeesAWrongGradient) {
    for (SequenceRule rule : test::sequence_rules(0, 6)) {
        SCOPED_TRACE(test::described(rule));
        const SequenceCase one = sequence_case(rule);
        const auto right = compare_chunk_by_chunk(one.rule, one.initial, one.tokens);
        ASSERT_TRUE(right.has_value() && right->has_value());
        EXPECT_LE(**right, 1e-9);
        if (rule.rule.kernel != Kernel::swiglu || rule.rule.updated != UpdatedMatrices::all) {
            continue;
        }
        const auto wrong = compare_chunk_by_chunk(
            one.rule, one.initial, one.tokens,
            [](const UpdateRule& r, const FastWeights& weights, const UpdateTokens& tokens) {
                FeatureGradient g = chain_rule_gradient(r, weights, tokens);
                std::swap(g.g0, g.g2);
                return g;
            });
        ASSERT_TRUE(wrong.has_value() && wrong->has_value());
        EXPECT_GT(**wrong, 1e-4);
    }
    SequenceRule rule = *table2_rule(0);
    rule.norm = NormPlace::pre;
    const SequenceCase one = sequence_case(rule);
    EXPECT_FALSE(compare_chunk_by_chunk(one.rule, one.initial, one.tokens).has_value());
}

TEST(SequenceForm, OneAlteredValueIsSeenByLaterChunksAlone) {
    const SequenceCase one = sequence_case(*table2_rule(1));
    const at::Tensor o = *run_sequence(one.rule, one.initial, one.tokens);
    SequenceForm form = sequence_form_of(one.rule, one.initial, one.tokens);
    form.chunks[2].v_hat = form.chunks[2].v_hat * 1.05;
    const at::Tensor altered = read_attention(form, one.tokens.q);
    EXPECT_LE(relative(o.slice(1, 0, 24), altered.slice(1, 0, 24)), 1e-9);
    EXPECT_GT(relative(o.slice(1, 24), altered.slice(1, 24)), 1e-4);
}

TEST(ChunkScan, CoefficientsByTheirDefinition) {
    at::manual_seed(3);
    const int64_t chunks = 7;
    at::Tensor alpha = at::rand({2, chunks}, at::kDouble);
    alpha[1][3] = 0;  // forgets all before
    const at::Tensor a = momentum_products(alpha);
    const at::Tensor c = chunk_coefficients(alpha);
    for (int64_t n = 0; n < 2; ++n) {
        for (int64_t t = 0; t < chunks; ++t) {
            for (int64_t i = 0; i < chunks; ++i) {
                double sum = 0;
                double beta = 1;
                for (int64_t j = i; j <= t; ++j) {
                    beta *= j > i ? alpha[n][j].item<double>() : 1;
                    sum += beta;
                }
                EXPECT_NEAR(c[n][t][i].item<double>(), t >= i ? sum : 0, 1e-14);
                EXPECT_NEAR(a[n][t][i].item<double>(), t >= i ? beta : 0, 1e-14);
            }
        }
    }
    const at::Tensor lower = at::ones({chunks, chunks}, at::kDouble).tril();
    EXPECT_LE(relative(at::matmul(lower, a), c), 1e-14);
    EXPECT_GT(relative(lower * a, c), 0.1);  // what the paper's appendix prints
    EXPECT_LE(relative(chunk_coefficients(at::zeros({1, 4}, at::kDouble)),
                       lower.slice(0, 0, 4).slice(1, 0, 4).unsqueeze(0)),
              0.0);
}

}  // namespace

}  // namespace lact
