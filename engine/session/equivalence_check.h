#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/linear/planted_error.h"
#include "engine/session/session.h"

#include <span>
#include <string>
#include <vector>

namespace lact {

struct HeadEquivalence;

/// Most queries of a layer that a check compares, evenly spread over its tokens.
inline constexpr int largest_query_count = 512;

/// The equivalence check of one layer and head: the TTT step against its linear-attention form
/// (engine/linear/equivalence.h). Differences are relative to the largest output. `status` judges `rel_fp64`
/// alone; what is fp32 is information.
struct EquivalenceRow {
    int layer = 0;
    int head = 0;
    std::string preset;   ///< Name of the rule.
    double rel_fp64 = 0;  ///< max|o_ttt - o_form| / max|o_ttt| in fp64, the larger of both factors: judged.
    double limit = 0;     ///< Of rel_fp64.
    bool step_by_step_fp64 = false;  ///< rel_fp64 is the largest of single steps from the TTT step's states.
    double rel_fp32 = 0;             ///< The same in fp32 with Newton-Schulz in fp32, Muon's right factor.
    double rel_fp32_key = 0;         ///< The same with Muon's left (key) factor.
    bool step_by_step_fp32 = false;  ///< rel_fp32 is the largest of single steps.
    double drift_fp32 = 0;           ///< fp32 after all inner steps, running freely.
    /// fp32 against fp64, the larger of TTT step and form (of single steps where rel_fp32 is).
    double rounding_fp32 = 0;
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
/// that the weights cannot run gives "n/a" rows. `planted` puts a mistake into the TTT step that is compared;
/// a rule that it does not change gives "n/a" rows. Errors: those of Session::set_up(); the job was stopped.
[[nodiscard]] Result<std::vector<EquivalenceRow>> check_equivalence(
    const Model& model, std::span<const PreparedView> inputs, const Camera& target,
    std::span<const NamedRule> rules, const Job& job = {}, PlantedError planted = PlantedError::none);

/// The equivalence check with one mistake planted in the TTT step.
struct PlantedRow {
    std::string name;         ///< to_string() of the PlantedError.
    std::string description;  ///< One sentence: what is wrong.
    bool applicable = false;  ///< The mistake changes the result of the rule.
    double rel_fp64 = 0;      ///< Largest difference in fp64 over layers and heads; 0 where not applicable.
    bool detected = false;    ///< The verdict is a failure: rel_fp64 exceeds the limit.
    /// Where it is not detected: the largest change of an output by the mistake (change_in_fp64()), up to the
    /// first layer whose change exceeds what the check could let pass.
    double changed = 0;
    /// The mistake changes no output by more than the check could let pass: these weights ignore it.
    bool ignored = false;
};

/// Runs the equivalence check of one rule with each mistake of planted_errors in turn (the step without one
/// is check_equivalence()). Only fp64 is computed. Layers and heads where the rule diverges are left out.
/// Errors: the weights cannot run the rule; those of check_equivalence().
[[nodiscard]] Result<std::vector<PlantedRow>> check_planted_errors(const Model& model,
                                                                   std::span<const PreparedView> inputs,
                                                                   const Camera& target,
                                                                   const UpdateRule& rule,
                                                                   const Job& job = {});

/// Largest `rel_fp64` of the applicable rows; 0 where there are none, NaN where any is NaN.
[[nodiscard]] double largest_rel_fp64(std::span<const EquivalenceRow> rows);
/// The same of `rel_fp32`.
[[nodiscard]] double largest_rel_fp32(std::span<const EquivalenceRow> rows);

}  // namespace lact
