#include "engine/ttt/sequence_rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace lact {

Result<SequenceRule> table2_rule(int row) {
    if (row < 0 || row >= table2_rows) {
        return fail("variant", fmt::format("{} is not a row of table 2", row),
                    fmt::format("0 is the baseline, 1 to {} are the variants.", table2_rows - 1));
    }
    SequenceRule result;
    const std::string name = row == 0 ? "baseline" : fmt::format("variant{}", row);
    LACT_TRY(result.rule, parse_update_rule(name));
    result.rule.momentum = row <= 4;
    return result;
}

std::string table2_name(int row) {
    return row == 0 ? "Baseline" : fmt::format("Variant {}", row);
}

Result<void> check_sequence_rule(const SequenceRule& rule) {
    if (rule.chunk < 1) {
        return fail("chunk", fmt::format("{} tokens; a chunk has at least 1", rule.chunk));
    }
    if (rule.rule.inner_steps != 1) {
        return fail("steps",
                    fmt::format("{} inner steps; a sequence takes one a chunk", rule.rule.inner_steps));
    }
    if (const std::string reason = validate(rule.rule); !reason.empty()) {
        return fail("rule", reason);
    }
    return {};
}

std::string no_parallel_form_because(const UpdateRule& rule) {
    if (rule.updated == UpdatedMatrices::all) {
        return "W0 and W2 move: each chunk's features depend on the chunks before it";
    }
    if (rule.weight_norm) {
        return "the weight norm acts between chunks: the update is not associative";
    }
    if (rule.loss == InnerLoss::mse) {
        return "the MSE loss reads the state that it changes";
    }
    return {};
}

}  // namespace lact
