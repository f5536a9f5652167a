#pragma once

#include "engine/linear/form.h"

#include <array>

#include <ATen/ATen.h>

namespace lact {

/// Singular values of the change of one matrix in one inner step.
struct StepSpectrum {
    at::Tensor before;  ///< [n, r] of G, descending.
    at::Tensor after;   ///< [n, r] the values that M turns them into; the same without orthogonalisation.
};
/// Spectra of W0, W1 and W2 in `block`; undefined where the rule leaves the matrix unchanged.
[[nodiscard]] std::array<StepSpectrum, 3> step_spectra(const UpdateRule& rule, const LinearBlock& block);

/// Singular values of matrices [n, rows, columns]: [n, min(rows, columns)], descending, fp64 on the CPU.
[[nodiscard]] at::Tensor singular_values(const at::Tensor& matrices);

/// Effective rank [n] of singular values [n, r]: exp of the entropy of sigma / sum(sigma) (Roy and Vetterli
/// 2007). It ranges from 1 (one direction) to r (all values equal); 0 where all values are 0.
[[nodiscard]] at::Tensor effective_rank(const at::Tensor& sigma);

/// Inner loss of the rule at a state [n], summed over channels, mean over tokens without their rates:
/// -<f(k), v> of any sign, or 1/2 |v - f(k)|^2, at least 0.
[[nodiscard]] at::Tensor inner_loss(const UpdateRule& rule, const FastWeights& state,
                                    const UpdateTokens& tokens);

}  // namespace lact
