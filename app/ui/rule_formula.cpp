#include "app/ui/rule_formula.h"

#include <fmt/format.h>

namespace lact::app {

namespace {

FormulaLine network_line() {
    return {{{"f(x) = φ(x) ", ""}, {"W1", "w1"}}, "What the memory answers: features times a matrix."};
}

FormulaLine features_line(const UpdateRule& rule) {
    if (rule.kernel == Kernel::identity) {
        return {{{"φ(x) = x", ""}}, "The memory is a single matrix."};
    }
    return {{{"φ(x) = silu(x ", ""}, {"W0", "w0"}, {") ⊙ (x ", ""}, {"W2", "w2"}, {")", ""}},
            "The memory is a small gated network."};
}

FormulaLine loss_line(const UpdateRule& rule) {
    if (rule.loss == InnerLoss::mse) {
        return {{{"L = ½ ‖f(k) − v‖²", ""}}, "Inner loss: the memory should answer a key with its value."};
    }
    return {{{"L = −⟨f(k), v⟩", ""}},
            "Inner loss: the memory's answer to a key should point along its value."};
}

FormulaLine value_line(const UpdateRule& rule) {
    FormulaLine line{{{"v̂", "values"}, {rule.direction == Direction::ascent ? " = −" : " = ", ""}},
                     "What a token writes: its value (or what is missing of it), times its learned rate."};
    if (rule.per_token_rate) {
        line.terms.push_back({"η1", "rates"});
        line.terms.push_back({" ⊙ ", ""});
    }
    line.terms.push_back({rule.loss == InnerLoss::mse ? "(v − f(k))" : "v", ""});
    return line;
}

FormulaLine gradient_line(const UpdateRule& rule) {
    FormulaLine line{{{"G1", "gradient"}, {" = ", ""}, {"φ(k)", "keys"}, {"⊤ ", ""}, {"v̂", "values"}},
                     "One gradient step sums over all tokens of the input photos: keys times values."};
    if (rule.updated == UpdatedMatrices::all && rule.kernel == Kernel::swiglu) {
        line.terms.push_back({",   G0 and G2 likewise", ""});
    }
    return line;
}

FormulaLine update_line(const UpdateRule& rule) {
    FormulaLine line{{{rule.weight_norm ? "W ← norm(W + " : "W ← W + ", ""}},
                     "The step is orthogonalised (Muon), added, and columns are set back to their initial "
                     "length, where the rule says so."};
    line.terms.push_back({rule.orthogonalize ? fmt::format("NS{}(G)", rule.ns_steps) : std::string("G"),
                          rule.orthogonalize ? "muon" : "gradient"});
    std::string end = rule.weight_norm ? ")" : "";
    if (rule.inner_steps > 1) {
        end += fmt::format(",   {} times", rule.inner_steps);
    }
    line.terms.push_back({end, ""});
    return line;
}

FormulaLine state_line(const UpdateRule& rule) {
    FormulaLine line{
        {{"S", "state"},
         {rule.weight_norm ? " = (" : " = ", ""},
         {"S0", "change"},
         {rule.inner_steps > 1 ? " + ∑ " : " + ", ""},
         {"φ(k)", "keys"},
         {"⊤ ", ""},
         {rule.orthogonalize ? "ṽ" : "v̂", "values"},
         {rule.weight_norm ? ") D = " : " = ", ""},
         {"W1", "w1"}},
        "The same as linear attention: the state S is a sum over tokens of keys times values. Muon's "
        "factor is in the values (ṽ), the weight norm is D, a factor for each column."};
    return line;
}

FormulaLine read_line(const UpdateRule& rule) {
    const std::string with = rule.read_with == ReadWith::key ? "φ(k)" : "φ(q)";
    return {{{"o = ", ""}, {with, "attention"}, {" ", ""}, {"S", "state"}},
            "Reading the memory is linear attention: every patch of the view reads with its query."};
}

}  // namespace

std::string text_of(const FormulaLine& line) {
    std::string text;
    for (const FormulaTerm& term : line.terms) {
        text += term.text;
    }
    return text;
}

std::vector<FormulaLine> rule_formula(const UpdateRule& rule) {
    return {network_line(),      features_line(rule), loss_line(rule),  value_line(rule),
            gradient_line(rule), update_line(rule),   state_line(rule), read_line(rule)};
}

}  // namespace lact::app
