#pragma once

#include "engine/linear/layer_inputs.h"
#include "engine/ttt/update_rule.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

// What reduces to linear attention, and what does not (arXiv 2602.21204, section 5 and appendix I). Two
// questions are separate. State: is there a matrix S with o = phi(q) S for every query? It takes a last layer
// that is linear and has no bias, and holds for every rule of LaCT. Parallel form: is the state the sum of
// what each chunk, inner step or token writes by itself, from the initial weights? It needs writes that do
// not depend on the state: phi fixed, no weight norm, and a loss that is linear in f(k).

/// Which of the two questions a case asks.
enum class Reduction { state, parallel };

/// A case that is measured from the inputs of a layer.
struct ReductionCase {
    std::string_view name;
    Reduction question = Reduction::parallel;
    bool reduces = false;       ///< What the theory says.
    std::string_view compared;  ///< What is compared, in one line.
    std::string_view reason;    ///< Why it reduces or does not, in one sentence.
    UpdateRule rule;
    /// The relative difference [n], at least 0: of inputs in fp64, whose queries may be fewer.
    at::Tensor (*measure)(const UpdateRule& rule, const LayerInputs& inputs);
};

/// All cases: those of the parallel form from linear attention up to the baseline, then those of the state.
[[nodiscard]] const std::vector<ReductionCase>& reduction_cases();

/// Frobenius norm of the part of o [n, queries, d_out] that no S explains as phi S, relative to that of o:
/// the residual of least squares over the queries, [n] in fp64 on the CPU. Below d_phi queries, for `phi`
/// [n, queries, d_phi], it is 0 for any o.
[[nodiscard]] at::Tensor state_residual(const at::Tensor& phi, const at::Tensor& o);

/// Seeded random inputs of a layer with the statistics of a network: unit queries and keys, values after
/// silu, rates around 0.1. Four views of 16 tokens, 128 queries, d_in = d_phi = d_out = 32, fp64 on the CPU.
[[nodiscard]] LayerInputs random_layer_inputs(std::uint64_t seed);

}  // namespace lact
