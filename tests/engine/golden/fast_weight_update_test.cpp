#include "engine/ttt/fast_weights.h"
#include "engine/ttt/newton_schulz.h"
#include "tests/support/golden.h"

#include <sstream>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::golden_rule;
using test::GoldenFile;
using test::Tolerance;

/// The inputs of one call, cut to the tokens that update.
struct UpdateCall {
    FastWeights initial;
    UpdateTokens update;
    at::Tensor q, k;  ///< All tokens that are read.
};

UpdateCall read_update_call(const GoldenFile& golden) {
    const auto tokens = golden.config().at("update_tokens").get<int64_t>();
    const auto first = [&](const char* name) { return golden.get(name).slice(1, 0, tokens); };
    return {{golden.get("in.w0"), golden.get("in.w1"), golden.get("in.w2")},
            {first("in.k"), first("in.v"), first("in.lr0"), first("in.lr1"), first("in.lr2")},
            golden.get("in.q"),
            golden.get("in.k")};
}

at::Tensor part(const FastWeights& weights, const std::string& name) {
    const char index = name.back();
    return index == '0' ? weights.w0 : index == '1' ? weights.w1 : weights.w2;
}

Tolerance one_step(const std::string& mode) {
    return mode == "ns5_bf16"   ? Tolerance{0.25, 0.015}
           : mode == "ns5_fp32" ? Tolerance{3e-5}
                                : Tolerance{2e-5};
}

void check_outputs(GoldenFile& golden) {
    const UpdateCall call = read_update_call(golden);
    for (const std::string& name : golden.with_prefix("out.")) {
        const auto word = test::name_parts(name);  // out <rule> <mode> <o|w0|w1|w2>
        const UpdateRule rule = golden_rule(word[1], word[2]);
        const FastWeights updated = update_fast_weights(rule, call.initial, call.update);
        const auto result =
            word[3] == "o"
                ? apply_fast_weights(rule.kernel, updated, rule.read_with == ReadWith::key ? call.k : call.q)
                : part(updated, word[3]);
        golden.expect_close(name, result, one_step(word[2]));
    }
}

void check_gradients(GoldenFile& golden) {
    const UpdateCall call = read_update_call(golden);
    for (const std::string& name : golden.with_prefix("grad.")) {
        const auto word = test::name_parts(name);  // grad <rule> <g0|g1|g2>
        const FastWeights gradient =
            inner_gradient(golden_rule(word[1], "ns5_fp32"), call.initial, call.update);
        golden.expect_close(name, part(gradient, word[2]), {2e-5});
    }
    for (const std::string& name : golden.with_prefix("ortho.")) {
        const auto word = test::name_parts(name);  // ortho <rule> <mode> <m0|m1|m2>
        const UpdateRule rule = golden_rule(word[1], word[2]);
        const FastWeights m = orthogonalized(rule, inner_gradient(rule, call.initial, call.update));
        golden.expect_close(name, part(m, word[3]),
                            test::is_bf16(word[2]) ? Tolerance{0.06, 0.01} : Tolerance{3e-5});
    }
}

TEST(GoldenFastWeightUpdate, EveryFileRuleAndMode) {
    const auto names = GoldenFile::names_with("fast_weight_update_");
    if (names.empty()) {
        GTEST_SKIP() << GoldenFile::skip_reason("fast_weight_update_*");
    }
    for (const std::string& name : names) {
        SCOPED_TRACE(name);
        auto golden = GoldenFile::open(name);
        ASSERT_TRUE(golden.has_value());
        check_outputs(*golden);
        check_gradients(*golden);
        golden->finish();
    }
}

/// Differences grow with the number of steps; the README gives them for 1, 2, 4 and 8.
Tolerance update_tolerance(const std::string& mode, int steps) {
    if (mode == "ns5_bf16") {
        return steps == 1 ? Tolerance{0.2, 0.02} : Tolerance{0.5, 0.06};
    }
    if (mode == "nomuon") {
        return {1e-4};
    }
    return {steps == 1 ? 3e-5 : steps == 2 ? 6e-5 : steps <= 4 ? 2e-4 : 1e-3};
}

TEST(GoldenInnerSteps, EveryRuleModeAndNumberOfSteps) {
    LACT_GOLDEN(golden, "inner_steps");
    const UpdateCall call = read_update_call(golden);
    for (const std::string& name : golden.with_prefix("out.")) {
        const auto word = test::name_parts(name);  // out <rule> <mode> n<steps> <o|w0|w1|w2|inner_loss>
        UpdateRule rule = golden_rule(word[1], word[2]);
        rule.inner_steps = std::stoi(word[3].substr(1));
        const FastWeights updated = update_fast_weights(rule, call.initial, call.update);
        const bool half = test::is_bf16(word[2]);
        if (word[4] == "inner_loss") {
            golden.expect_close(name, inner_dot_loss(rule.kernel, updated, call.update),
                                {half ? 0.03 : 1e-4});
        } else {
            golden.expect_close(
                name,
                word[4] == "o" ? apply_fast_weights(rule.kernel, updated, call.q) : part(updated, word[4]),
                update_tolerance(word[2], rule.inner_steps));
        }
    }
    golden.finish();
}

TEST(GoldenNewtonSchulz, EveryMatrixStepCountAndPrecision) {
    LACT_GOLDEN(golden, "newton_schulz");
    for (const std::string& name : golden.with_prefix("out.")) {
        // out.<matrix>.<nvs0|nvs1|nvs5|llm5>_<bf16|fp32>
        const auto dot = name.rfind('.');
        const auto underscore = name.rfind('_');
        const std::string matrix = name.substr(4, dot - 4);
        const std::string steps = name.substr(dot + 1, underscore - dot - 1);
        const std::string type = name.substr(underscore + 1);
        const bool half = type == "bf16";
        const auto precision = half ? NsPrecision::bf16 : NsPrecision::fp32;
        const auto g = golden.get("in." + matrix);
        const auto result = steps.starts_with("llm")
                                ? newton_schulz(g, llm_coefficients, precision)
                                : newton_schulz(g, std::stoi(steps.substr(3)), precision);
        const bool rank_deficient = matrix == "rank2";
        // Outside of a rank-deficient matrix's range rounding decides: bf16 results there are only near each
        // other.
        const Tolerance rounded = rank_deficient ? Tolerance{0.5, 0.05} : Tolerance{0.06, 0.01};
        const Tolerance tight{rank_deficient ? 1e-4 : 1e-5};
        golden.expect_close(name, result, half ? rounded : tight);
    }
    golden.finish();
}

}  // namespace
}  // namespace lact
