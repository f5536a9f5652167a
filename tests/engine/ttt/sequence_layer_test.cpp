// The recurrence over chunks: against the one-chunk step, and against gradients by automatic differentiation.
#include "engine/ttt/sequence_layer.h"

#include "tests/engine/linear/layer_example.h"
#include "tests/engine/linear/sequence_example.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::relative;
using test::sequence_case;
using test::SequenceCase;

/// f(x), written out.
at::Tensor memory_of(const UpdateRule& rule, const FastWeights& w, const at::Tensor& x) {
    if (rule.kernel == Kernel::identity) {
        return at::matmul(x, w.w1);
    }
    const at::Tensor gate = at::matmul(x, w.w0);
    return at::matmul(gate * at::sigmoid(gate) * at::matmul(x, w.w2), w.w1);
}

/// The matrices that a rule updates.
std::vector<at::Tensor FastWeights::*> matrices_of(const UpdateRule& rule) {
    if (rule.kernel == Kernel::identity || rule.updated == UpdatedMatrices::last) {
        return {&FastWeights::w1};
    }
    return {&FastWeights::w0, &FastWeights::w1, &FastWeights::w2};
}

/// Minus the gradient of sum_i rate_i L(f(k_i), v_i) for one matrix, by automatic differentiation.
at::Tensor descent_of(const UpdateRule& rule, const FastWeights& weights, const UpdateTokens& tokens,
                      at::Tensor FastWeights::*which) {
    FastWeights leaf = weights;
    leaf.*which = (leaf.*which).detach().clone().requires_grad_();
    const at::Tensor f = memory_of(rule, leaf, tokens.k);
    at::Tensor loss = rule.loss == InnerLoss::dot ? -(f * tokens.v).sum(2, true)
                                                  : 0.5 * (tokens.v - f).square().sum(2, true);
    if (rule.per_token_rate) {
        loss = loss * (which == &FastWeights::w0   ? tokens.lr0
                       : which == &FastWeights::w1 ? tokens.lr1
                                                   : tokens.lr2);
    }
    loss.sum().backward();
    return -(leaf.*which).grad();
}

/// Muon's polynomial on the singular values: X <- a X + b X X^T X + c (X X^T)^2 X.
at::Tensor polar(const at::Tensor& g, const std::vector<std::array<double, 3>>& coefficients) {
    const auto [u, s, vh] = at::linalg_svd(g.to(at::kCPU), /*full_matrices=*/false);
    at::Tensor x = s / (s.square().sum(1, true).sqrt() + 1e-7);
    for (const auto& [a, b, c] : coefficients) {
        x = a * x + b * x.pow(3) + c * x.pow(5);
    }
    return at::matmul(u * x.unsqueeze(1), vh).to(g.device());
}

/// Coefficients of the released code: LaCT-LLM's schedule, and LaCT-NVS's in each of five steps.
std::vector<std::array<double, 3>> released_coefficients(NsSchedule schedule) {
    if (schedule == NsSchedule::nvs) {
        return std::vector<std::array<double, 3>>(5, {3.4445, -4.7750, 2.0315});
    }
    return {{4.0848, -6.8946, 2.9270},
            {3.9505, -6.3029, 2.6377},
            {3.7418, -5.5913, 2.3037},
            {2.8769, -3.1427, 1.2046},
            {2.8366, -3.0525, 1.2012}};
}

/// The recurrence as section 1 of arXiv 2602.21204 writes it. It calls no function of engine/ttt.
at::Tensor written_recurrence(const SequenceCase& one) {
    const SequenceRule& rule = one.rule;
    const auto& [q, write, alpha] = one.tokens;
    const auto coefficients = released_coefficients(rule.ns);
    const double sign = rule.rule.direction == Direction::descent ? 1 : -1;
    FastWeights sum = one.initial;
    FastWeights read = one.initial;
    FastWeights buffers;
    at::Tensor o = at::zeros_like(write.v);
    for (int64_t first = 0; first < q.size(1); first += rule.chunk) {
        const int64_t last = std::min(first + rule.chunk, q.size(1));
        const auto part = [&](const at::Tensor& x) { return x.slice(1, first, last); };
        const UpdateTokens tokens{part(write.k),   part(write.v),   part(write.lr0),
                                  part(write.lr1), part(write.lr2), {}};
        const auto answer = [&] {
            o.slice(1, first, last)
                .copy_(memory_of(rule.rule, read, rule.rule.read_with == ReadWith::key ? tokens.k : part(q)));
        };
        if (rule.order == ChunkOrder::apply_update) {
            answer();
        }
        const FastWeights before = read;
        for (const auto which : matrices_of(rule.rule)) {
            at::Tensor buffer = descent_of(rule.rule, before, tokens, which);
            if (rule.rule.momentum && (buffers.*which).defined()) {
                buffer = buffer + part(alpha).mean(1, true) * buffers.*which;
            }
            buffers.*which = buffer;
            const at::Tensor& from = rule.norm == NormPlace::pre ? sum.*which : before.*which;
            sum.*which = from + sign * (rule.rule.orthogonalize ? polar(buffer, coefficients) : buffer);
            read.*which = sum.*which;
            if (rule.rule.weight_norm) {
                const at::Tensor norms = (one.initial.*which).square().sum(1, true).sqrt();
                read.*which = sum.*which / ((sum.*which).square().sum(1, true).sqrt() + 1e-5) * norms;
            }
        }
        if (rule.order == ChunkOrder::update_apply) {
            answer();
        }
    }
    return o;
}

TEST(SequenceLayer, EqualsTheRecurrenceWrittenWithAutomaticDifferentiation) {
    std::vector<SequenceRule> all = test::sequence_rules(0, 6);
    for (const char* text : {"mse", "ascent,momentum=on", "query-is-key", "mse,direction=ascent,muon=off"}) {
        for (const NsSchedule schedule : {NsSchedule::nvs, NsSchedule::llm}) {
            for (const NormPlace norm : {NormPlace::post, NormPlace::pre}) {
                SequenceRule rule;
                rule.rule = *parse_update_rule(text);
                rule.ns = schedule;
                rule.norm = norm;
                rule.order = norm == NormPlace::pre ? ChunkOrder::apply_update : ChunkOrder::update_apply;
                all.push_back(rule);
            }
        }
    }
    for (const SequenceRule& rule : all) {
        SCOPED_TRACE(test::described(rule));
        const SequenceCase one = sequence_case(rule);
        const auto o = run_sequence(one.rule, one.initial, one.tokens);
        ASSERT_TRUE(o.has_value()) << o.error().message();
        EXPECT_LE(relative(written_recurrence(one), *o), 1e-9);
    }
}

TEST(SequenceLayer, OneChunkUpdateThenApplyIsTheStepOfNovelViewSynthesis) {
    for (const char* text : {"baseline", "mse", "ascent", "variant2", "variant6", "query-is-key"}) {
        SCOPED_TRACE(text);
        SequenceRule rule;
        rule.rule = *parse_update_rule(text);
        rule.ns = NsSchedule::nvs;
        rule.order = ChunkOrder::update_apply;
        test::SequenceSizes sizes;
        sizes.chunk = sizes.length;
        const SequenceCase one = sequence_case(rule, sizes);
        const at::Tensor expected = written_recurrence(one);
        const auto& x = rule.rule.read_with == ReadWith::key ? one.tokens.write.k : one.tokens.q;
        EXPECT_LE(relative(expected, *run_sequence(one.rule, one.initial, one.tokens)), 1e-9);
        EXPECT_LE(relative(expected, apply_fast_weights(
                                         rule.rule.kernel,
                                         update_fast_weights(rule.rule, one.initial, one.tokens.write), x)),
                  1e-9);
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
    EXPECT_LE(relative(memory_of(one.rule.rule, one.initial, one.tokens.q.slice(1, 0, 8)), o.slice(1, 0, 8)),
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
