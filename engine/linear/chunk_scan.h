#pragma once

#include <ATen/ATen.h>

namespace lact {

/// beta_i^j = product of alpha_s for s = i+1 … j as A[j, i]: [n, chunks, chunks], lower triangular with a
/// diagonal of ones. alpha [n, chunks]: the mean momentum of each chunk.
[[nodiscard]] at::Tensor momentum_products(const at::Tensor& alpha);

/// C = tril(1) A (a matrix product) for A = momentum_products(alpha): C[t, i] = sum over j = i … t of
/// beta_i^j is what chunk i's tokens weigh, without Muon, after the updates up to chunk t's (arXiv
/// 2602.21204, whose appendix prints a Hadamard product, which equals it for alpha = 0 alone). [n, chunks,
/// chunks]
[[nodiscard]] at::Tensor chunk_coefficients(const at::Tensor& alpha);

}  // namespace lact
