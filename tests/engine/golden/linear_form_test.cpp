// The linear-attention form against outputs of the released code: the golden values of the TTT step, except
// the bf16 modes, which the form does not have.
#include "engine/linear/form.h"
#include "engine/linear/muon_factor.h"
#include "engine/linear/spectrum.h"
#include "tests/support/golden.h"

#include <sstream>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {

namespace {

using test::golden_rule;
using test::GoldenFile;
using test::Tolerance;

struct FormCall {
    LayerInputs inputs;
    at::Tensor all_k;  ///< What a rule that reads with the key reads with.
};

FormCall read_form_call(const GoldenFile& golden) {
    const auto tokens = golden.config().at("update_tokens").get<int64_t>();
    const auto first = [&](const char* name) { return golden.get(name).slice(1, 0, tokens); };
    return {{{golden.get("in.w0"), golden.get("in.w1"), golden.get("in.w2")},
             {first("in.k"), first("in.v"), first("in.lr0"), first("in.lr1"), first("in.lr2"), {}},
             golden.get("in.q"),
             {},
             tokens},
            golden.get("in.k")};
}

at::Tensor weights_part(const LinearForm& form, const std::string& name) {
    return name == "w0" ? form.updated.w0 : name == "w1" ? state_matrix(form) : form.updated.w2;
}

void compare_form(GoldenFile& golden, const FormCall& call, const std::string& name, const std::string& what,
                  const UpdateRule& rule, const Tolerance& tolerance) {
    const LinearForm form = linear_form_of(rule, call.inputs);
    if (what == "inner_loss") {
        UpdateRule dot = rule;
        dot.loss = InnerLoss::dot;  // as the golden README defines it for all rules
        golden.expect_close(name, inner_loss(dot, form.updated, call.inputs.tokens), tolerance);
    } else if (what != "o") {
        golden.expect_close(name, weights_part(form, what), tolerance);
    } else {
        const at::Tensor& q = rule.read_with == ReadWith::key ? call.all_k : call.inputs.q;
        golden.expect_close(name, read_state(form, q), tolerance);
        golden.expect_close(name, read_attention(form, q, MuonFactor::right), tolerance);
        golden.expect_close(name, read_attention(form, q, MuonFactor::left), tolerance);
    }
}

TEST(GoldenLinearForm, OneStepOfEveryRule) {
    const auto names = GoldenFile::names_with("fast_weight_update_");
    if (names.empty()) {
        GTEST_SKIP() << GoldenFile::skip_reason("fast_weight_update_*");
    }
    for (const std::string& file : names) {
        SCOPED_TRACE(file);
        auto golden = GoldenFile::open(file);
        ASSERT_TRUE(golden.has_value());
        const FormCall call = read_form_call(*golden);
        int compared = 0;
        for (const std::string& name : golden->with_prefix("out.")) {
            const auto word = test::name_parts(name);  // out <rule> <mode> <o|w0|w1|w2>
            if (!test::is_bf16(word[2])) {
                compare_form(*golden, call, name, word[3], golden_rule(word[1], word[2]), {3e-5});
                ++compared;
            }
        }
        EXPECT_GT(compared, 0);
        for (const std::string& name : golden->with_prefix("ortho.")) {
            const auto word = test::name_parts(name);  // ortho <rule> <mode> <m0|m1|m2>
            if (test::is_bf16(word[2])) {
                continue;
            }
            const UpdateRule rule = golden_rule(word[1], word[2]);
            const LinearForm form = linear_form_of(rule, call.inputs);
            const LinearBlock& block = form.blocks[0];
            const at::Tensor& g = word[3] == "m0" ? block.g0 : word[3] == "m1" ? block.g1 : block.g2;
            const double sign = rule.direction == Direction::descent ? 1 : -1;  // not in the file's G
            golden->expect_close(name, sign * orthogonalized_by(muon_factors(rule, g, at::kFloat), g),
                                 {3e-5});
        }
    }
}

/// As the golden README measured them for two implementations, by the number of steps.
Tolerance form_tolerance(const std::string& mode, int steps) {
    if (mode == "nomuon") {
        return {1e-4};
    }
    return {steps == 1 ? 3e-5 : steps == 2 ? 6e-5 : steps <= 4 ? 2e-4 : 1e-3};
}

TEST(GoldenLinearForm, OneToEightInnerSteps) {
    LACT_GOLDEN(golden, "inner_steps");
    const FormCall call = read_form_call(golden);
    int compared = 0;
    for (const std::string& name : golden.with_prefix("out.")) {
        const auto word = test::name_parts(name);  // out <rule> <mode> n<n> <o|w0|w1|w2|inner_loss>
        if (test::is_bf16(word[2])) {
            continue;
        }
        UpdateRule rule = golden_rule(word[1], word[2]);
        rule.inner_steps = std::stoi(word[3].substr(1));
        compare_form(golden, call, name, word[4], rule,
                     word[4] == "inner_loss" ? Tolerance{1e-3} : form_tolerance(word[2], rule.inner_steps));
        ++compared;
    }
    EXPECT_GT(compared, 0);
}

}  // namespace

}  // namespace lact
