#pragma once

#include "engine/linear/form.h"
#include "engine/linear/layer_inputs.h"

#include <string>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

// The equivalence check: the output of the TTT step against that of its linear-attention form, computed
// independently from the same recorded inputs.

/// Tolerance of the relative difference in fp32. Where rounding alone (fp32 against fp64) is larger than half
/// of it, twice the rounding takes its place, up to largest_tolerance_fp32: many Newton-Schulz steps amplify
/// rounding.
inline constexpr double equivalence_tolerance_fp32 = 1e-4;
inline constexpr double largest_tolerance_fp32 = 0.05;
/// Tolerance of the relative difference in fp64.
inline constexpr double equivalence_tolerance_fp64 = 1e-9;
/// Up to this many inner steps the form runs freely. With more, each step is checked from the state of the
/// TTT step.
inline constexpr int free_running_steps = 8;
/// Each step is also checked alone where the fp32 results differ from the fp64 result by more than this: the
/// steps then amplify rounding until fp32 results cannot agree. fp64 still runs freely.
inline constexpr double largest_rounding = equivalence_tolerance_fp32 / 2;
/// Rules whose exact output exceeds this diverge and are not compared.
inline constexpr double largest_sound_output = 1e3;

/// max|a - b| / max|a| for each of n, from [n, rows, columns]; infinite where either has a NaN.
[[nodiscard]] std::vector<double> relative_difference(const at::Tensor& a, const at::Tensor& b);

/// The equivalence check of one head. Differences are relative (relative_difference()).
struct HeadEquivalence {
    double rel = 0;  ///< fp32 with Newton-Schulz in fp32: the larger of state and attention (right factor).
    double rel_fp64 = 0;        ///< The same in fp64, the largest over both factors.
    double rel_key = 0;         ///< Attention with Muon's left (key) factor, fp32.
    bool step_by_step = false;  ///< `rel` is the largest of single steps from the states of the TTT step.
    double drift = 0;           ///< Difference in fp32 after all steps, running freely.
    /// fp32 against fp64, the larger of TTT step and form; of single steps where `rel` is.
    double rounding = 0;
    double tolerance = equivalence_tolerance_fp32;  ///< For rel and rel_key.
    double precision = 0;  ///< Recorded o against fp32: the cost of the running precision. Not an error.
    double moved = 0;      ///< feature_movement() of the queries.
    std::string not_applicable;  ///< Why nothing was compared; empty otherwise.

    /// Whether all differences are within their tolerance. NaN is not.
    [[nodiscard]] bool within() const {
        return rel <= tolerance && rel_key <= tolerance && rel_fp64 <= equivalence_tolerance_fp64;
    }
};

/// Compares the TTT step with its linear-attention form from the same recorded inputs, for each of n.
/// Newton-Schulz runs in fp32 whatever the rule says. `inputs.o`, where defined, gives `precision`. Where the
/// exact (fp64) output is not finite or exceeds `largest_output`, nothing is compared and `not_applicable`
/// says so.
[[nodiscard]] std::vector<HeadEquivalence> compare_forms(const UpdateRule& rule, const LayerInputs& inputs,
                                                         double largest_output = largest_sound_output);

/// `largest_output` of compare_forms() for a rule: no limit for the presets, which are always compared,
/// largest_sound_output for any other choice of switches.
[[nodiscard]] double largest_compared_output(const UpdateRule& rule);

}  // namespace lact
