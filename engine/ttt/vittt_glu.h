#pragma once

#include <ATen/ATen.h>

namespace lact {

/// The scale of ViTTT's inner loss, -scale <f(k), v> averaged over the positions, in both modules: 9^-1/2.
inline constexpr double vittt_scale = 1.0 / 3.0;

/// Fast weights of ViTTT's gated linear unit f(x) = (x linear) * silu(x gate). n = batch x heads.
struct GluWeights {
    at::Tensor linear;  ///< [n, d, d] (the released w1)
    at::Tensor gate;    ///< [n, d, d] (the released w2)
};

/// f(x) for x [n, positions, d].
[[nodiscard]] at::Tensor apply_glu(const GluWeights& weights, const at::Tensor& x);

/// Gradients of the inner loss by both matrices, before they are made smaller.
[[nodiscard]] GluWeights glu_gradient(const GluWeights& weights, const at::Tensor& k, const at::Tensor& v);

/// One step of the inner training: each column of a gradient is divided by its norm + 1, then subtracted.
[[nodiscard]] GluWeights update_glu(const GluWeights& weights, const at::Tensor& k, const at::Tensor& v);

}  // namespace lact
