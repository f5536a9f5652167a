#pragma once

#include "engine/ttt/update_rule.h"

#include <string>
#include <vector>

namespace lact::app {

/// One line of what the rule computes, and what it says in words.
struct FormulaLine {
    std::string formula;
    std::string words;
};

/// The update rule as formulae, row vectors throughout, in the order they are computed: inner loss,
/// gradient, update, read (arXiv 2505.23884, section 3; arXiv 2602.21204, theorem 5.1).
[[nodiscard]] std::vector<FormulaLine> rule_formula(const UpdateRule& rule);

}  // namespace lact::app
