#include "tests/support/golden_rules.h"

#include <gtest/gtest.h>

namespace lact::test {

UpdateRule golden_rule(const std::string& rule, const std::string& mode) {
    const auto says = [&](const char* word) { return rule.find(word) != std::string::npos; };
    UpdateRule result;
    if (rule == "ga") {
        result.direction = Direction::ascent;
    } else if (rule == "mse") {
        result.loss = InnerLoss::mse;
    } else if (rule == "no_query") {
        result.read_with = ReadWith::key;
    } else if (says("only_w1")) {
        result.updated = UpdatedMatrices::last;
        result.kernel = says("straight_qk") ? Kernel::identity : Kernel::swiglu;
        result.per_token_rate = !says("no_lr1");
        // "no_wn" may stand alone or before "_muon": no_lr1_no_wn_muon means neither norm nor Muon.
        result.weight_norm = !says("no_wn");
        result.orthogonalize = !(says("no_muon") || says("no_wn_muon"));
    } else if (rule != "baseline") {
        ADD_FAILURE() << "golden rule " << rule << " is not known";
    }
    if (mode == "nomuon") {
        result.orthogonalize = false;
    } else if (mode == "ns5_fp32" || mode == "ns0_fp32") {
        result.ns_precision = NsPrecision::fp32;
        result.ns_steps = mode == "ns0_fp32" ? 0 : 5;
    } else if (mode != "ns5_bf16") {
        ADD_FAILURE() << "golden mode " << mode << " is not known";
    }
    return result;
}

bool is_bf16(const std::string& mode) {
    return mode == "ns5_bf16";
}

}  // namespace lact::test
