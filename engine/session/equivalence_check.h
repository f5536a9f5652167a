#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/session/session.h"

#include <span>
#include <string>
#include <vector>

namespace lact {

struct HeadEquivalence;

/// Most queries of a layer that a check compares, evenly spread over its tokens.
inline constexpr int largest_query_count = 512;

/// The equivalence check of one layer and head: the TTT step against its linear-attention form
/// (engine/linear/equivalence.h). Differences are relative to the largest output.
struct EquivalenceRow {
    int layer = 0;
    int head = 0;
    std::string preset;    ///< Name of the rule.
    double rel = 0;        ///< max|o_ttt - o_form| / max|o_ttt|, fp32, Newton-Schulz in fp32.
    double tolerance = 0;  ///< 1e-4, or twice `rounding` where that is larger.
    double rel_key = 0;    ///< The same with Muon's left (key) factor.
    double rel_fp64 = 0;   ///< The same in fp64, the larger of both factors.
    double tolerance_fp64 = 0;
    bool step_by_step = false;  ///< `rel` is the largest of single steps from the states of the TTT step.
    double drift = 0;           ///< fp32 after all inner steps, running freely.
    double rounding =
        0;  ///< fp32 against fp64, the larger of TTT step and form (of single steps where `rel` is).
    double precision = 0;  ///< Cost of the running precision. Not an error.
    double moved = 0;      ///< |phi_{t+1}(q) - phi_t(q)| / |phi_t(q)|
    std::string status;    ///< "ok", "out of tolerance", or "n/a: " and the reason.

    [[nodiscard]] bool applicable() const { return !status.starts_with("n/a"); }
    [[nodiscard]] bool failed() const { return applicable() && status != "ok"; }
};

/// A rule and its name in the rows.
struct NamedRule {
    std::string name;
    UpdateRule rule;
};
/// All presets with the Newton-Schulz precision of the training of the weights.
[[nodiscard]] std::vector<NamedRule> preset_rules(const Model& model);

/// The row of a comparison.
[[nodiscard]] EquivalenceRow row_of(int layer, int head, const std::string& preset,
                                    const HeadEquivalence& difference);

/// Sets up the input views with each rule and compares every layer and head with its linear-attention form,
/// for up to largest_query_count queries spread evenly over the tokens of input views and target view. A rule
/// that the weights cannot run gives "n/a" rows. Errors: those of Session::set_up(); the job was stopped.
[[nodiscard]] Result<std::vector<EquivalenceRow>> check_equivalence(const Model& model,
                                                                    std::span<const PreparedView> inputs,
                                                                    const Camera& target,
                                                                    std::span<const NamedRule> rules,
                                                                    const Job& job = {});

/// Largest `rel` of the applicable rows; 0 where there are none, NaN where any is NaN.
[[nodiscard]] double largest_rel(std::span<const EquivalenceRow> rows);

}  // namespace lact
