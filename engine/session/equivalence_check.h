#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/session/session.h"

#include <span>
#include <string>
#include <vector>

namespace lact {

/// The difference between one layer and head as TTT and as linear attention (engine/linear/difference.h).
struct EquivalenceRow {
    int layer = 0;
    int head = 0;
    std::string preset;    ///< Name of the rule.
    double rel = 0;        ///< max|o_ttt - o_twin| / max|o_ttt|, fp32, Newton-Schulz in fp32.
    double tolerance = 0;  ///< 1e-4, or twice `rounding` where that is larger.
    double rel_key = 0;    ///< The same with Muon's factor on the key side.
    double rel_fp64 = 0;   ///< The same in fp64, both sides.
    double tolerance_fp64 = 0;
    bool step_by_step = false;  ///< `rel` is that of single steps, each from the layer's own state.
    double drift = 0;           ///< fp32, both running freely over all inner steps.
    double rounding = 0;   ///< fp32 against fp64, the larger of both ways (of single steps where `rel` is).
    double precision = 0;  ///< What the running precision costs: information, not an error.
    double moved = 0;      ///< |phi_{t+1}(q) - phi_t(q)| / |phi_t(q)|
    std::string status;    ///< "ok", "out of tolerance", or "n/a: " and the reason.

    [[nodiscard]] bool applicable() const { return !status.starts_with("n/a"); }
    [[nodiscard]] bool failed() const { return applicable() && status != "ok"; }
};

/// A rule and what it is called in the rows.
struct NamedRule {
    std::string name;
    UpdateRule rule;
};
/// All presets, Newton-Schulz as the weights were trained.
[[nodiscard]] std::vector<NamedRule> preset_rules(const Model& model);

/// Sets up the input views with each rule and compares every layer and head with its twin, for up to 512
/// queries spread evenly over the tokens of input views and target view. A rule that the weights cannot run
/// gives "n/a" rows. Errors: as Session::set_up; a stopped job.
[[nodiscard]] Result<std::vector<EquivalenceRow>> check_equivalence(const Model& model,
                                                                    std::span<const PreparedView> inputs,
                                                                    const Camera& target,
                                                                    std::span<const NamedRule> rules,
                                                                    const Job& job = {});

/// Largest `rel` of the rows that apply; 0 where none does, NaN where any is.
[[nodiscard]] double largest_rel(std::span<const EquivalenceRow> rows);

}  // namespace lact
