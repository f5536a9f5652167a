// The parallel form against the recurrence: outputs, gradients by everything, memory.
#include "engine/linear/parallel.h"

#include "tests/engine/linear/layer_example.h"
#include "tests/engine/linear/sequence_example.h"
#include "tests/support/counting_memory.h"

#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::relative;
using test::sequence_case;
using test::SequenceCase;

TEST(Parallel, EqualsTheRecurrenceInSegmentsOfEverySize) {
    for (const SequenceRule& rule : test::sequence_rules(2, 6)) {
        SCOPED_TRACE(test::described(rule));
        for (const int64_t length : {37, 40, 8, 3}) {  // ragged, exact, one chunk, less than one
            test::SequenceSizes sizes;
            sizes.length = length;
            const SequenceCase one = sequence_case(rule, sizes);
            SequenceTrace trace;
            const at::Tensor o = *run_sequence(one.rule, one.initial, one.tokens, &trace);
            for (const int64_t segment : {1, 2, 3, 5, 0}) {
                std::vector<at::Tensor> states;
                const auto parallel = run_parallel(one.rule, one.initial, one.tokens, {segment}, &states);
                ASSERT_TRUE(parallel.has_value()) << parallel.error().message();
                EXPECT_LE(relative(o, *parallel), 1e-10) << segment;
                ASSERT_EQ(states.size(), trace.states.size());
                EXPECT_LE(relative(trace.states.back().w1, states.back()), 1e-10);
            }
        }
    }
}

TEST(Parallel, InFp32WithTheNewtonSchulzOfTheRule) {
    for (const SequenceRule& rule : test::sequence_rules(2, 6)) {
        SCOPED_TRACE(test::described(rule));
        SequenceCase one = test::converted(sequence_case(rule), at::kFloat);
        one.rule.rule.ns_precision = NsPrecision::fp32;
        const at::Tensor o = *run_sequence(one.rule, one.initial, one.tokens);
        EXPECT_LE(relative(o, *run_parallel(one.rule, one.initial, one.tokens, {2})), 1e-4);
    }
}

TEST(Parallel, Bf16TokensGiveBf16Outputs) {
    SequenceCase one = test::converted(sequence_case(*table2_rule(2)), at::kFloat);
    const at::Tensor exact = *run_sequence(one.rule, one.initial, one.tokens);
    for (at::Tensor* x : {&one.tokens.q, &one.tokens.write.k, &one.tokens.write.v}) {
        *x = x->to(at::kBFloat16);
    }
    const at::Tensor recurrent = *run_sequence(one.rule, one.initial, one.tokens);
    const at::Tensor parallel = *run_parallel(one.rule, one.initial, one.tokens);
    EXPECT_EQ(recurrent.scalar_type(), at::kBFloat16);
    EXPECT_EQ(parallel.scalar_type(), at::kBFloat16);
    EXPECT_LE(relative(exact, recurrent), 0.1);
    EXPECT_LE(relative(exact, parallel), 0.1);
}

TEST(Parallel, TheMaskedProductIsTheSameWithoutMuon) {
    for (SequenceRule rule : test::sequence_rules(2, 6)) {
        const SequenceCase one = sequence_case(rule);
        const auto masked = run_masked(one.rule, one.initial, one.tokens);
        ASSERT_EQ(masked.has_value(), !rule.rule.orthogonalize);
        if (masked) {
            EXPECT_LE(relative(*run_sequence(one.rule, one.initial, one.tokens), *masked), 1e-12);
        } else {
            EXPECT_NE(masked.error().message().find("Muon"), std::string::npos);
        }
    }
}

/// Gradients of a fixed random projection of the outputs by all inputs; undefined where there is none.
std::vector<at::Tensor> gradients(SequenceCase one, bool parallel, int64_t segment) {
    const auto inputs = test::tensors_of(one);
    for (at::Tensor* x : inputs) {
        *x = x->detach().clone().requires_grad_();
    }
    const at::Tensor o = parallel ? *run_parallel(one.rule, one.initial, one.tokens, {segment})
                                  : *run_sequence(one.rule, one.initial, one.tokens);
    at::manual_seed(11);
    (o * at::randn(o.sizes(), at::kDouble).to(o.device())).sum().backward();
    std::vector<at::Tensor> result;
    for (const at::Tensor* x : inputs) {
        result.push_back(x->grad());
    }
    return result;
}

TEST(Parallel, GradientsByAllInputsAreThoseOfTheRecurrence) {
    for (const SequenceRule& rule : test::sequence_rules(2, 6)) {
        SCOPED_TRACE(test::described(rule));
        const SequenceCase one = sequence_case(rule);
        const auto expected = gradients(one, false, 0);
        for (const int64_t segment : {0, 2}) {
            const auto own = gradients(one, true, segment);
            int compared = 0;
            for (std::size_t i = 0; i < own.size(); ++i) {
                ASSERT_EQ(own[i].defined(), expected[i].defined()) << i;
                if (own[i].defined()) {
                    EXPECT_LE(relative(expected[i], own[i]), 1e-8) << i;
                    ++compared;
                }
            }
            // w1, q, k, v; the features' matrices, rates and momentum where the rule has them.
            const bool swiglu = rule.rule.kernel == Kernel::swiglu;
            EXPECT_EQ(compared, 4 + (swiglu ? 2 : 0) + (rule.rule.per_token_rate ? 1 : 0) +
                                    (rule.rule.momentum ? 1 : 0));
        }
    }
}

TEST(Parallel, ItsGradientIsTheSlopeOfItsOutputs) {
    for (const int row : {2, 4, 6}) {
        const SequenceCase one = sequence_case(*table2_rule(row));
        const auto slopes = gradients(one, true, 2);
        at::manual_seed(11);
        const at::Tensor projection = at::randn({6, 37, 9}, at::kDouble).to(one.tokens.q.device());
        const auto value = [&](const SequenceCase& at_point) {
            return (*run_parallel(at_point.rule, at_point.initial, at_point.tokens, {2}) * projection)
                .sum()
                .item<double>();
        };
        SequenceCase probe = one;
        const auto inputs = test::tensors_of(probe);
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (!slopes[i].defined()) {
                continue;
            }
            const at::Tensor original = *inputs[i];
            const at::Tensor direction = at::randn(original.sizes(), at::kDouble).to(original.device());
            const double h = 1e-6;
            *inputs[i] = original + h * direction;
            const double above = value(probe);
            *inputs[i] = original - h * direction;
            const double below = value(probe);
            *inputs[i] = original;
            const double slope = (slopes[i] * direction).sum().item<double>();
            EXPECT_NEAR((above - below) / (2 * h), slope, 1e-4 * (1 + std::abs(slope))) << row << " " << i;
        }
    }
}

TEST(Parallel, MemoryBesideTheOutputsDoesNotGrowWithTheSequence) {
    const auto work_memory = [](int64_t chunks, int64_t segment) {
        test::SequenceSizes sizes;
        sizes.n = 2;
        sizes.d_in = sizes.d_hidden = sizes.d_out = 24;
        sizes.chunk = 16;
        sizes.length = chunks * sizes.chunk - 3;
        const SequenceCase one = test::converted(sequence_case(*table2_rule(2), sizes), at::kFloat);
        const c10::InferenceMode inference;
        at::Tensor o;
        const int64_t peak =
            test::peak_of_tensors([&] { o = *run_parallel(one.rule, one.initial, one.tokens, {segment}); });
        // The parts of the output and the whole of it.
        return peak - 2 * static_cast<int64_t>(o.nbytes());
    };
    const int64_t few = work_memory(32, 4);
    const int64_t many = work_memory(256, 4);
    EXPECT_LE(many, few + few / 4 + 65536);
    EXPECT_GT(work_memory(256, 256), 4 * (few + 65536));  // what is counted would grow without segments
    SequenceCase whole = test::converted(sequence_case(*table2_rule(2)), at::kFloat);
    EXPECT_EQ(segment_chunks({}, whole.rule, whole.initial, whole.tokens), 5);
    EXPECT_EQ(segment_chunks({0, 1}, whole.rule, whole.initial, whole.tokens), 1);
    EXPECT_EQ(segment_chunks({3}, whole.rule, whole.initial, whole.tokens), 3);
}

TEST(Parallel, RulesWithoutAParallelFormAreRefusedWithTheReason) {
    for (const int row : {0, 1}) {
        const SequenceCase one = sequence_case(*table2_rule(row));
        const auto o = run_parallel(one.rule, one.initial, one.tokens);
        ASSERT_FALSE(o.has_value());
        EXPECT_NE(o.error().message().find(row == 0 ? "W0" : "weight norm"), std::string::npos);
    }
    SequenceRule mse = *table2_rule(2);
    mse.rule.loss = InnerLoss::mse;
    const SequenceCase one = sequence_case(mse);
    EXPECT_FALSE(run_parallel(one.rule, one.initial, one.tokens).has_value());
    SequenceCase broken = sequence_case(*table2_rule(2));
    broken.tokens.write.v = broken.tokens.write.v.slice(1, 1);
    EXPECT_FALSE(run_parallel(broken.rule, broken.initial, broken.tokens).has_value());
}

}  // namespace
}  // namespace lact
