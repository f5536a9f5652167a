// Variants 2 to 6 over a sequence against the golden recurrence: as recurrence, in the parallel form in
// segments of every size, as one masked product, and as the linear-attention form.
#include "engine/linear/parallel.h"
#include "engine/linear/sequence_form.h"
#include "engine/ttt/sequence_layer.h"
#include "tests/support/golden.h"

#include <sstream>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::GoldenFile;
using test::Tolerance;

struct Case {
    FastWeights swiglu;
    FastWeights identity;
    SequenceTokens tokens;
    int64_t chunk = 0;
};

void compare_states(GoldenFile& golden, const std::string& expected, const SequenceRule& rule,
                    const FastWeights& initial, const Case& data, const Tolerance& tolerance) {
    SequenceTrace trace;
    ASSERT_TRUE(run_sequence(rule, initial, data.tokens, &trace).has_value());
    std::vector<at::Tensor> recurrent;
    for (const FastWeights& state : trace.states) {
        recurrent.push_back(state.w1);
    }
    golden.expect_close(expected, at::stack(recurrent, 1), tolerance);
    for (const int64_t segment : {1, 2, 100}) {
        std::vector<at::Tensor> parallel;
        ASSERT_TRUE(run_parallel(rule, initial, data.tokens, {segment}, &parallel).has_value());
        golden.expect_close(expected, at::stack(parallel, 1), tolerance);
    }
}

void compare_outputs(GoldenFile& golden, const std::string& expected, const SequenceRule& rule,
                     const FastWeights& initial, const Case& data, const Tolerance& tolerance) {
    const auto o = run_sequence(rule, initial, data.tokens);
    ASSERT_TRUE(o.has_value()) << o.error().message();
    golden.expect_close(expected, *o, tolerance);
    for (const int64_t segment : {1, 2, 3, 100}) {
        const auto parallel = run_parallel(rule, initial, data.tokens, {segment});
        ASSERT_TRUE(parallel.has_value()) << parallel.error().message();
        golden.expect_close(expected, *parallel, tolerance);
    }
    const SequenceForm form = sequence_form_of(rule, initial, data.tokens);
    golden.expect_close(expected, read_state(form, data.tokens.q), tolerance);
    golden.expect_close(expected, read_attention(form, data.tokens.q), tolerance);
    const auto masked = run_masked(rule, initial, data.tokens);
    ASSERT_EQ(masked.has_value(), !rule.rule.orthogonalize);
    if (masked) {
        golden.expect_close(expected, *masked, tolerance);
    }
}

TEST(GoldenLinearAttentionEquivalents, EveryVariantOrderAndForm) {
    LACT_GOLDEN(golden, "linear_attention_equivalents");
    for (const auto& [name, sizes] : golden.config().items()) {
        SCOPED_TRACE(name);
        const auto in = [&, prefix = name + ".in."](const char* tensor) {
            return golden.get(prefix + tensor);
        };
        const Case data{{in("w0"), in("w1"), in("w2")},
                        {{}, in("w1_lin"), {}},
                        {in("q"), {in("k"), in("v"), {}, in("lr1"), {}, {}}, in("momentum")},
                        sizes.at("chunk").get<int64_t>()};
        for (const std::string& expected : golden.with_prefix(name + ".out.")) {
            SCOPED_TRACE(expected);
            const auto word = test::name_parts(expected);  // <case> out variant<n> <mode> <order> o | states
            auto rule = table2_rule(std::stoi(word[2].substr(7)));
            ASSERT_TRUE(rule.has_value());
            rule->chunk = data.chunk;
            rule->rule.orthogonalize = word[3] != "nomuon";
            rule->rule.ns_precision = NsPrecision::fp32;
            const Tolerance tolerance{word[3] == "nomuon" ? 3e-5 : 1e-4};
            const FastWeights& initial = rule->rule.kernel == Kernel::identity ? data.identity : data.swiglu;
            if (word[4] == "states") {
                compare_states(golden, expected, *rule, initial, data, tolerance);
            } else {
                rule->order = word[4] == "update_apply" ? ChunkOrder::update_apply : ChunkOrder::apply_update;
                compare_outputs(golden, expected, *rule, initial, data, tolerance);
            }
        }
    }
    golden.finish();
}

}  // namespace
}  // namespace lact
