#include "app/panels/rule_formula.h"

#include <fmt/format.h>

namespace lact::app {
namespace {

FormulaLine loss_line(const UpdateRule& rule) {
    if (rule.loss == InnerLoss::mse) {
        return {"L = 1/2 |f(k) - v|^2", "Inner loss: the memory should answer a key with its value."};
    }
    return {"L = -<f(k), v>", "Inner loss: the memory's answer to a key should point along its value."};
}

FormulaLine network_line(const UpdateRule& rule) {
    if (rule.kernel == Kernel::identity) {
        return {"f(x) = x W1,  phi(x) = x", "The memory is a single matrix."};
    }
    return {"f(x) = phi(x) W1,  phi(x) = silu(x W0) * (x W2)", "The memory is a small gated network."};
}

FormulaLine gradient_line(const UpdateRule& rule) {
    const std::string value = rule.loss == InnerLoss::mse ? "(v - f(k))" : "v";
    const std::string rate = rule.per_token_rate ? " * eta1" : "";
    std::string formula = fmt::format("G1 = (phi(k){})^T {}", rate, value);
    if (rule.updated == UpdatedMatrices::all && rule.kernel == Kernel::swiglu) {
        formula += ";  G0, G2 likewise";
    }
    return {formula, "One gradient step sums over all tokens of the input photos: keys times values."};
}

FormulaLine update_line(const UpdateRule& rule) {
    const char* sign = rule.direction == Direction::ascent ? "-" : "+";
    const std::string step = rule.orthogonalize ? fmt::format("NS{}(G)", rule.ns_steps) : std::string("G");
    std::string formula = fmt::format("W <- W {} {}", sign, step);
    if (rule.weight_norm) {
        formula = fmt::format("W <- norm(W {} {})", sign, step);
    }
    if (rule.inner_steps > 1) {
        formula += fmt::format(",  {} times", rule.inner_steps);
    }
    return {formula,
            "The step is orthogonalised (Muon), added, and columns are set back to their initial "
            "length, where the rule says so."};
}

FormulaLine read_line(const UpdateRule& rule) {
    const char* with = rule.read_with == ReadWith::key ? "k" : "q";
    return {fmt::format("o = f({0}) = phi({0}) S,  S = W1 after the step", with),
            "Reading the memory is linear attention: the updated W1 is the state S."};
}

}  // namespace

std::vector<FormulaLine> rule_formula(const UpdateRule& rule) {
    return {network_line(rule), loss_line(rule), gradient_line(rule), update_line(rule), read_line(rule)};
}

}  // namespace lact::app
