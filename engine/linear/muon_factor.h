#pragma once

#include "engine/ttt/muon.h"
#include "engine/ttt/update_rule.h"

#include <span>

#include <ATen/ATen.h>

namespace lact {

/// Newton-Schulz of one gradient G = U diag(sigma) V^T as left and right factor. Both act on the range of G
/// alone. On the null space of G the polynomial is the large number a^steps / |G|. That part cancels in every
/// sum over tokens but would dominate the weights of single tokens.
struct MuonFactors {
    at::Tensor p_left;       ///< [n, rows, rows] P_L; undefined without orthogonalisation.
    at::Tensor p_right;      ///< [n, columns, columns] P_R; undefined without orthogonalisation.
    at::Tensor sigma;        ///< [n, min(rows, columns)] singular values of G, descending.
    at::Tensor sigma_after;  ///< [n, min(rows, columns)] the singular values of M(G) that they become.
};

/// Computes the factors from the singular value decomposition of G [n, rows, columns], always in fp64. The
/// polynomial acts on the singular values, so this is independent of the Newton-Schulz iteration that it is
/// checked against. `inputs` is the type of the tensors that G was computed from: singular values at the
/// level of its rounding count as zero. Without orthogonalisation the factors are undefined and sigma_after
/// equals sigma.
[[nodiscard]] MuonFactors muon_factors(const UpdateRule& rule, const at::Tensor& g, at::ScalarType inputs);

/// The same with the given Newton-Schulz coefficients, one entry for each step, in place of the rule's.
[[nodiscard]] MuonFactors muon_factors(const UpdateRule& rule, const at::Tensor& g, at::ScalarType inputs,
                                       std::span<const NsCoefficients> coefficients);

/// M(G) in fp64, by the factor of the shorter dimension of G [n, rows, columns]; G itself without
/// orthogonalisation.
[[nodiscard]] at::Tensor orthogonalized_by(const MuonFactors& factors, const at::Tensor& g);

}  // namespace lact
