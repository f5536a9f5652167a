#pragma once

#include "engine/ttt/update_rule.h"

#include <string>
#include <vector>

namespace lact::app {

/// A part of a formula. `shows` names what it stands for, as the action look.at takes it; empty: nothing of
/// its own.
struct FormulaTerm {
    std::string text;
    std::string shows;
};

/// One line of what the rule computes, and its explanation.
struct FormulaLine {
    std::vector<FormulaTerm> terms;
    std::string words;
};
[[nodiscard]] std::string text_of(const FormulaLine& line);

/// The update rule as formulae, row vectors throughout, in the order they are computed: the network, the
/// inner loss, gradient, update, the same as linear attention, read (arXiv 2505.23884, section 3; arXiv
/// 2602.21204, theorem 5.1).
[[nodiscard]] std::vector<FormulaLine> rule_formula(const UpdateRule& rule);

}  // namespace lact::app
