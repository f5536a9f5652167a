#pragma once

#include "engine/linear/form.h"

#include <array>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// Singular values of one matrix's change in one inner step.
struct StepSpectrum {
    at::Tensor before;  ///< [n, r] of G, falling
    at::Tensor after;   ///< [n, r] what M makes of each of them; equal without orthogonalisation
};
/// Of W0, W1 and W2 in block `block`; undefined where the rule leaves the matrix.
[[nodiscard]] std::array<StepSpectrum, 3> step_spectra(const UpdateRule& rule, const LinearBlock& block);

/// Singular values of any matrices [n, rows, columns]: [n, min], falling, fp64 on the CPU.
[[nodiscard]] at::Tensor singular_values(const at::Tensor& matrices);

/// exp of the entropy of sigma / sum(sigma) (Roy and Vetterli 2007): from 1, one direction, to their number,
/// all alike. [n] from [n, r]; 0 where all are 0.
[[nodiscard]] at::Tensor effective_rank(const at::Tensor& sigma);

/// Cosine of the angle between changes of the same matrix in different layers: [layers, layers] from changes
/// of one shape; 0 where a change is 0.
[[nodiscard]] at::Tensor cosines(const std::vector<at::Tensor>& changes);

/// The inner loss of the rule at a state, mean over tokens and summed over channels: -<f(k), v>, or
/// 1/2 |v - f(k)|^2. [n]
[[nodiscard]] at::Tensor inner_loss(const UpdateRule& rule, const FastWeights& state,
                                    const UpdateTokens& tokens);

}  // namespace lact
