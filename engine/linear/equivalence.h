#pragma once

#include "engine/linear/form.h"
#include "engine/linear/layer_inputs.h"
#include "engine/linear/planted_error.h"

#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

// The equivalence check: the output of the TTT step against that of its linear-attention form, computed
// independently from the same recorded inputs. The verdict is that of fp64. Differences in fp32 are
// information: how far they may go depends on how much the steps of the rule amplify rounding.

/// Limit of the relative difference in fp64: the verdict.
inline constexpr double equivalence_limit = 1e-9;
/// Up to this many inner steps the form runs freely. With more, each step is checked from the state of the
/// TTT step.
inline constexpr int free_running_steps = 8;
/// fp32 is also compared step by step where it differs from fp64 by more than this: the steps then amplify
/// rounding until fp32 results cannot agree. fp64 still runs freely.
inline constexpr double largest_rounding = 5e-5;
/// Rules whose exact output exceeds this are not compared: their steps amplify rounding.
inline constexpr double largest_sound_output = 1e3;

/// max|a - b| / max|a| for each of n, from [n, rows, columns]; infinite where either has a NaN.
[[nodiscard]] std::vector<double> relative_difference(const at::Tensor& a, const at::Tensor& b);

/// A run of the TTT step in one precision.
struct TttRun {
    std::vector<FastWeights> states;   ///< Before the first step and after each.
    std::vector<FastWeights> readers;  ///< What the queries read after each step: the state after it.
};

/// The TTT step as the layers run it: update_fast_weights().
[[nodiscard]] TttRun run_ttt_step(const UpdateRule& rule, const LayerInputs& inputs);

/// The equivalence check of one head. Differences are relative (relative_difference()).
struct HeadEquivalence {
    /// fp64, the largest over state, attention with the right factor and attention with the left one: judged.
    double rel_fp64 = 0;
    bool step_by_step_fp64 = false;  ///< rel_fp64 is the largest of single steps from the TTT step's states.
    double rel_fp32 =
        0;  ///< fp32 with Newton-Schulz in fp32: the larger of state and attention (right factor).
    double rel_fp32_key = 0;         ///< Attention with Muon's left (key) factor, fp32.
    bool step_by_step_fp32 = false;  ///< rel_fp32 and rel_fp32_key are the largest of single steps.
    double drift_fp32 = 0;           ///< Difference in fp32 after all steps, running freely.
    /// fp32 against fp64, the larger of TTT step and form; of single steps where rel_fp32 is.
    double rounding_fp32 = 0;
    double precision = 0;  ///< Recorded o against fp32: the cost of the running precision. Not an error.
    double moved = 0;      ///< feature_movement() of the queries.
    std::string not_applicable;  ///< Why nothing was compared; empty otherwise.

    /// The verdict: rel_fp64 is within equivalence_limit. NaN is not.
    [[nodiscard]] bool equal() const { return rel_fp64 <= equivalence_limit; }
};

/// Compares the TTT step with its linear-attention form from the same recorded inputs, for each of n.
/// Newton-Schulz runs in fp32 (in fp64 for rel_fp64) whatever the rule says. `inputs.o`, where defined, gives
/// `precision`. Where the exact (fp64) output is not finite or exceeds `largest_output`, nothing is compared
/// and `not_applicable` says so. `step` replaces the TTT step, for planted errors.
[[nodiscard]] std::vector<HeadEquivalence> compare_forms(const UpdateRule& rule, const LayerInputs& inputs,
                                                         double largest_output = largest_sound_output,
                                                         const TttStep& step = run_ttt_step);

/// `rel_fp64` of compare_forms() alone; empty where nothing is compared.
[[nodiscard]] std::vector<std::optional<double>> compare_in_fp64(const UpdateRule& rule,
                                                                 const LayerInputs& inputs,
                                                                 double largest_output, const TttStep& step);

/// By how much `step` in place of the TTT step changes the output in fp64: relative_difference() after all
/// inner steps, or after the first one where the check compares steps one by one. Empty where nothing is
/// compared.
[[nodiscard]] std::vector<std::optional<double>> change_in_fp64(const UpdateRule& rule,
                                                                const LayerInputs& inputs,
                                                                double largest_output, const TttStep& step);

/// `largest_output` of compare_forms() for a rule: no limit for the presets, which are always compared, and
/// for rules whose state is a plain sum; largest_sound_output for any other choice of switches.
[[nodiscard]] double largest_compared_output(const UpdateRule& rule);

}  // namespace lact
