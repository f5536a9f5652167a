#pragma once

#include "engine/ttt/muon.h"
#include "engine/ttt/narrow_products.h"
#include "engine/ttt/update_rule.h"

#include <span>

#include <ATen/ATen.h>

namespace lact {

/// Newton-Schulz orthogonalisation M(G) of a batch of matrices [n, rows, columns]
/// (`zeropower_via_newtonschulz5` of the LaCT release). Divides by (Frobenius norm + 1e-7), then takes one
/// step for each entry of `coefficients`. bf16 casts G before the norm, as released. fp16, whose range is
/// small, casts after it. The result is fp32; fp64 input is computed in fp64 and gives fp64. Where the
/// processor has no instructions for products of bf16 or fp16, they are computed in fp32 with the same
/// rounding points: results differ by the order of sums alone.
[[nodiscard]] at::Tensor newton_schulz(const at::Tensor& g, std::span<const NsCoefficients> coefficients,
                                       NsPrecision precision);
/// The same with the kind of products given.
[[nodiscard]] at::Tensor newton_schulz(const at::Tensor& g, std::span<const NsCoefficients> coefficients,
                                       NsPrecision precision, NarrowProducts products);

/// The same with `steps` steps of the LaCT-NVS coefficients.
[[nodiscard]] at::Tensor newton_schulz(const at::Tensor& g, int steps, NsPrecision precision);

}  // namespace lact
