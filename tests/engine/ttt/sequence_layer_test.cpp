// The recurrence over chunks: against the one-chunk step, and against gradients by automatic differentiation.
#include "engine/ttt/sequence_layer.h"

#include "tests/engine/linear/layer_example.h"
#include "tests/engine/linear/sequence_example.h"

#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::relative;
using test::sequence_case;
using test::SequenceCase;

TEST(SequenceLayer, OneChunkUpdateThenApplyIsTheStepOfNovelViewSynthesis) {
    for (const char* text : {"baseline", "mse", "ascent", "variant2", "variant6", "query-is-key"}) {
        SCOPED_TRACE(text);
        SequenceRule rule;
        rule.rule = *parse_update_rule(text);
        rule.ns = NsSchedule::nvs;
        rule.order = ChunkOrder::update_apply;
        test::SequenceSizes sizes;
        sizes.d_in = sizes.d_out;
        sizes.chunk = sizes.length;
        const SequenceCase one = sequence_case(rule, sizes);
        const auto o = run_sequence(one.rule, one.initial, one.tokens);
        ASSERT_TRUE(o.has_value()) << o.error().message();
        const auto& x = rule.rule.read_with == ReadWith::key ? one.tokens.write.k : one.tokens.q;
        const at::Tensor expected = apply_fast_weights(
            rule.rule.kernel, update_fast_weights(rule.rule, one.initial, one.tokens.write), x);
        EXPECT_LE(relative(expected, *o), 1e-14);
    }
}

TEST(SequenceLayer, ApplyThenUpdateReadsNothingOfItsOwnChunkAndNeverWritesTheLast) {
    const SequenceCase one = sequence_case(SequenceRule{});
    SequenceCase other = one;
    const auto change = [](at::Tensor& x, int64_t first) {
        x = x.clone();
        x.slice(1, first).mul_(-2);
    };
    change(other.tokens.write.v, 32);  // the last, ragged chunk
    const at::Tensor o = *run_sequence(one.rule, one.initial, one.tokens);
    EXPECT_TRUE(at::equal(o, *run_sequence(other.rule, other.initial, other.tokens)));
    change(other.tokens.write.v, 24);
    const at::Tensor changed = *run_sequence(other.rule, other.initial, other.tokens);
    EXPECT_TRUE(at::equal(o.slice(1, 0, 32), changed.slice(1, 0, 32)));
    EXPECT_GT(relative(o.slice(1, 32), changed.slice(1, 32)), 1e-3);
    // The first chunk reads the initial weights.
    EXPECT_LE(relative(apply_fast_weights(Kernel::swiglu, one.initial, one.tokens.q.slice(1, 0, 8)),
                       o.slice(1, 0, 8)),
              1e-14);
}

TEST(SequenceLayer, TheGradientIsThatOfTheInnerLossAndMomentumAndNormAreAsWritten) {
    SequenceRule rule;
    rule.rule.orthogonalize = false;
    rule.rule.momentum = true;
    SequenceCase one = sequence_case(rule);
    SequenceTrace trace;
    ASSERT_TRUE(run_sequence(one.rule, one.initial, one.tokens, &trace).has_value());
    ASSERT_EQ(trace.states.size(), 5U);
    const auto chunks = chunks_of(37, 8);
    EXPECT_EQ(chunks.back().count, 5);
    at::Tensor buffer = at::zeros_like(one.initial.w0);
    at::Tensor w0 = one.initial.w0;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const FastWeights& at_chunk = i == 0 ? one.initial : trace.states[i - 1];
        const auto part = tokens_of(one.tokens, chunks[i]);
        const at::Tensor leaf = at_chunk.w0.detach().clone().requires_grad_();
        const at::Tensor f =
            at::bmm(at::silu(at::bmm(part.write.k, leaf)) * at::bmm(part.write.k, at_chunk.w2), at_chunk.w1);
        (-(f * part.write.v).sum(2, true) * part.write.lr0).sum().backward();
        buffer = -leaf.grad() + part.momentum.mean(1, true) * buffer;
        EXPECT_LE(relative(buffer, trace.buffers[i].w0), 1e-12);
        w0 = w0 + buffer;
        w0 = w0 / (w0.norm(2, {1}, true) + 1e-5) * one.initial.w0.norm(2, {1}, true);
        EXPECT_LE(relative(w0, trace.states[i].w0), 1e-12);
    }
}

TEST(SequenceLayer, BothPlacesOfTheNormAreOneWithoutItAndDifferWithIt) {
    for (const bool norm : {true, false}) {
        SequenceRule rule;
        rule.rule.weight_norm = norm;
        const SequenceCase one = sequence_case(rule);
        SequenceRule pre = one.rule;
        pre.norm = NormPlace::pre;
        const double difference = relative(*run_sequence(one.rule, one.initial, one.tokens),
                                           *run_sequence(pre, one.initial, one.tokens));
        if (norm) {
            EXPECT_GT(difference, 1e-3);
        } else {
            EXPECT_EQ(difference, 0);
        }
    }
}

TEST(SequenceLayer, HeadsDoNotTouchEachOther) {
    SequenceRule rule = *table2_rule(0);
    const SequenceCase one = sequence_case(rule);
    const at::Tensor all = *run_sequence(one.rule, one.initial, one.tokens);
    SequenceCase alone = one;
    for (at::Tensor* x : test::tensors_of(alone)) {
        *x = x->slice(0, 4, 5);
    }
    alone.tokens.write.lr2 = alone.tokens.write.lr2.slice(0, 4, 5);
    EXPECT_LE(relative(all.slice(0, 4, 5), *run_sequence(alone.rule, alone.initial, alone.tokens)), 1e-12);
}

TEST(SequenceLayer, ShapesThatDoNotFitAreRefusedByName) {
    const auto refused = [](const char* where, const auto& spoil) {
        SequenceCase one = sequence_case(*table2_rule(0));
        spoil(one);
        const auto o = run_sequence(one.rule, one.initial, one.tokens);
        ASSERT_FALSE(o.has_value()) << where;
        EXPECT_NE(o.error().message().find(where), std::string::npos) << o.error().message();
    };
    refused("chunk", [](SequenceCase& one) { one.rule.chunk = 0; });
    refused("steps", [](SequenceCase& one) { one.rule.rule.inner_steps = 2; });
    refused("rule", [](SequenceCase& one) { one.rule.rule.kernel = Kernel::identity; });
    refused("q", [](SequenceCase& one) { one.tokens.q = one.tokens.q.slice(1, 0, 0); });
    refused("q", [](SequenceCase& one) { one.tokens.q = at::Tensor(); });
    refused("k", [](SequenceCase& one) { one.tokens.write.k = one.tokens.write.k.slice(1, 1); });
    refused("v", [](SequenceCase& one) { one.tokens.write.v = one.tokens.write.v.select(0, 0); });
    refused("w0", [](SequenceCase& one) { one.initial.w0 = one.initial.w0.slice(2, 1); });
    refused("w1", [](SequenceCase& one) { one.initial.w1 = one.initial.w1.slice(2, 1); });
    refused("lr1", [](SequenceCase& one) { one.tokens.write.lr1 = at::Tensor(); });
    refused("lr2", [](SequenceCase& one) { one.tokens.write.lr2 = one.tokens.write.lr2.slice(0, 1); });
    refused("momentum", [](SequenceCase& one) { one.tokens.momentum = at::Tensor(); });
    EXPECT_FALSE(table2_rule(7).has_value());
    EXPECT_FALSE(table2_rule(-1).has_value());
    // What a rule does not read may be missing.
    SequenceCase last = sequence_case(*table2_rule(6));
    last.tokens.write.lr0 = last.tokens.write.lr1 = last.tokens.write.lr2 = last.tokens.momentum =
        at::Tensor();
    last.initial.w0 = last.initial.w2 = at::Tensor();
    EXPECT_TRUE(run_sequence(last.rule, last.initial, last.tokens).has_value());
}

}  // namespace
}  // namespace lact
