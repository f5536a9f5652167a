// The layer of LaCT-LLM over a sequence against the released code: the recurrence and its linear-attention
// form.
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

Tolerance tolerance_of(const std::string& mode) {
    return mode == "nomuon" ? Tolerance{2e-6} : mode == "muon_fp32" ? Tolerance{2e-5} : Tolerance{0.2, 0.012};
}

TEST(GoldenLactLlmLayer, EveryCaseOrderOfNormMuonAndMomentum) {
    LACT_GOLDEN(golden, "lact_llm_layer");
    for (const auto& [name, sizes] : golden.config().items()) {
        SCOPED_TRACE(name);
        const auto in = [&, prefix = name + ".in."](const char* tensor) {
            return golden.get(prefix + tensor);
        };
        // Stored as [out, in].
        const FastWeights initial{in("w0").transpose(1, 2).contiguous(),
                                  in("w1").transpose(1, 2).contiguous(),
                                  in("w2").transpose(1, 2).contiguous()};
        const SequenceTokens tokens{
            in("q"), {in("k"), in("v"), in("lr0"), in("lr1"), in("lr2"), {}}, in("momentum")};
        ASSERT_EQ(tokens.length(), sizes.at("L").get<int64_t>());
        for (const std::string& expected : golden.with_prefix(name + ".out.")) {
            const auto word =
                test::name_parts(expected);  // <case> out <postnorm|prenorm> <mode> <mom|nomom> o
            SequenceRule rule;
            rule.chunk = sizes.at("chunk").get<int64_t>();
            rule.norm = word[2] == "prenorm" ? NormPlace::pre : NormPlace::post;
            rule.rule.orthogonalize = word[3] != "nomuon";
            rule.rule.ns_precision = word[3] == "muon_bf16" ? NsPrecision::bf16 : NsPrecision::fp32;
            rule.rule.momentum = word[4] == "mom";
            const auto o = run_sequence(rule, initial, tokens);
            ASSERT_TRUE(o.has_value()) << o.error().message();
            golden.expect_close(expected, *o, tolerance_of(word[3]));
            if (word[3] != "muon_bf16") {
                const SequenceForm form = sequence_form_of(rule, initial, tokens);
                golden.expect_close(expected, read_state(form, tokens.q), tolerance_of(word[3]));
                golden.expect_close(expected, read_attention(form, tokens.q), tolerance_of(word[3]));
            }
        }
    }
    golden.finish();
}

}  // namespace
}  // namespace lact
