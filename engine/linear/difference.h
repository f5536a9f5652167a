#pragma once

#include "engine/linear/form.h"
#include "engine/linear/layer_inputs.h"

#include <string>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// Largest allowed difference between both ways, of the largest output. In fp32 twice what rounding alone
/// does (fp32 against fp64), where that is larger: many Newton-Schulz steps can amplify it so much.
inline constexpr double equivalence_tolerance_fp32 = 1e-4;
inline constexpr double equivalence_tolerance_fp64 = 1e-9;
inline constexpr double largest_tolerance_fp32 = 0.05;
/// Up to so many inner steps the twin runs freely; of more, each step is checked from the layer's own state.
inline constexpr int free_running_steps = 8;
/// The same where fp32 results are further than this from the fp64 result: steps that amplify rounding so
/// much leave nothing in fp32 that two ways could agree on (fp64 still runs freely).
inline constexpr double largest_rounding = equivalence_tolerance_fp32 / 2;
/// A free choice of switches whose exact result is larger than this has run away.
inline constexpr double largest_sound_output = 1e3;

/// max|a - b| / max|a| for each of n; a NaN anywhere is infinite.
[[nodiscard]] std::vector<double> relative_difference(const at::Tensor& a, const at::Tensor& b);

/// The difference between a layer and its twin for one of n (head).
struct FormDifference {
    double rel = 0;       ///< fp32, Newton-Schulz in fp32; the larger of state and attention (value side).
    double rel_fp64 = 0;  ///< The same in fp64.
    double rel_key = 0;   ///< Attention with P on the key side, fp32.
    bool step_by_step = false;  ///< `rel` is the largest of single steps from the layer's own states.
    double drift = 0;           ///< Free-running difference in fp32 after all steps.
    /// fp32 against fp64, the larger of both ways; of single steps where `rel` is.
    double rounding = 0;
    double tolerance = equivalence_tolerance_fp32;  ///< For rel and rel_key.
    double precision = 0;        ///< What the running precision costs: recorded o against fp32. Information.
    double moved = 0;            ///< feature_movement() of the queries.
    std::string not_applicable;  ///< Why nothing was compared; empty otherwise.

    /// Within both tolerances. Written so that NaN is not.
    [[nodiscard]] bool within() const {
        return rel <= tolerance && rel_key <= tolerance && rel_fp64 <= equivalence_tolerance_fp64;
    }
};

/// Compares the TTT step with its twin from the same recorded inputs, for each of n. Newton-Schulz is taken
/// in fp32 whatever the rule says; `inputs.o`, where there, gives the figure of the running precision. Where
/// the exact (fp64) result is not finite or larger than `largest_output`, nothing is compared.
[[nodiscard]] std::vector<FormDifference> compare_with_form(const UpdateRule& rule, const LayerInputs& inputs,
                                                            double largest_output = largest_sound_output);

}  // namespace lact
