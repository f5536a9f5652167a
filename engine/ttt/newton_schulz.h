#pragma once

#include "engine/ttt/ns_coefficients.h"
#include "engine/ttt/update_rule.h"

#include <span>

#include <ATen/ATen.h>

namespace lact {

/// Newton-Schulz orthogonalisation M(G) of a batch of matrices [n, rows, columns]
/// (`zeropower_via_newtonschulz5` of the LaCT release): divides by (Frobenius norm + 1e-7), then one step for
/// each entry of `coefficients`; no entry means the division alone. bf16 casts G before the norm, as
/// released; fp16, whose range is small, after it. The result is fp32 (fp64 for fp64 input, which is never
/// rounded down).
[[nodiscard]] at::Tensor newton_schulz(const at::Tensor& g, std::span<const NsCoefficients> coefficients,
                                       NsPrecision precision);

/// The same with `steps` times the coefficients of LaCT-NVS.
[[nodiscard]] at::Tensor newton_schulz(const at::Tensor& g, int steps, NsPrecision precision);

}  // namespace lact
