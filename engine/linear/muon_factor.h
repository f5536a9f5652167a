#pragma once

#include "engine/ttt/ns_coefficients.h"
#include "engine/ttt/update_rule.h"

#include <span>

#include <ATen/ATen.h>

namespace lact {

/// Which side of the gradient carries Muon's polynomial: both readings give the same output, but other
/// weights (arXiv 2602.21204, section 5, with M(G) = P_L(G G^T) G = G P_R(G^T G) for one polynomial).
enum class AttentionSide {
    value,  ///< A = phi(q) phi(k)^T with effective values v-hat P_R.
    key,    ///< A = phi(q) P_L phi(k)^T with values v-hat.
};

/// Newton-Schulz of one gradient G = U diag(sigma) V^T as factors. Both act on the range of G alone: on its
/// null space the polynomial is the large a^steps / |G|, which cancels in every sum but would rule a
/// picture.
struct MuonFactor {
    at::Tensor p_left;       ///< [n, rows, rows]
    at::Tensor p_right;      ///< [n, columns, columns]
    at::Tensor sigma;        ///< [n, min(rows, columns)] singular values of G, falling
    at::Tensor sigma_after;  ///< the singular values of M(G) that they become
};

/// From the singular value decomposition of G [n, rows, columns], in fp64 whatever the type of G, so that the
/// factors are no second Newton-Schulz iteration but the polynomial itself. `inputs`: type of what G was
/// computed from; what its rounding alone can make is no range of G. Without orthogonalisation the factors
/// are undefined and sigma_after is sigma.
[[nodiscard]] MuonFactor muon_factor(const UpdateRule& rule, const at::Tensor& g, at::ScalarType inputs);

/// The same with Newton-Schulz coefficients of the caller's choice, one entry a step, in place of the rule's.
[[nodiscard]] MuonFactor muon_factor(const UpdateRule& rule, const at::Tensor& g, at::ScalarType inputs,
                                     std::span<const NsCoefficients> coefficients);

/// M(G) by the factor of G's shorter side, in fp64; G itself without orthogonalisation.
[[nodiscard]] at::Tensor orthogonalized_by(const MuonFactor& factor, const at::Tensor& g);

}  // namespace lact
