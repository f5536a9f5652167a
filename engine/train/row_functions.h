#pragma once

#include <array>
#include <vector>

#include <ATen/ATen.h>

namespace lact::training {

// The differentiable operations of a training step between its matrix products. Rows are tokens. In bf16 on
// the CPU each is one pass over memory with its own backward pass (fused/kernels.h). Elsewhere it is composed
// of ATen operations and differentiated by autograd. Tests compare both implementations.

/// The residual stream and the input of the next sub-layer.
struct Normed {
    at::Tensor sum;  ///< [rows, d] in the type of x.
    at::Tensor y;    ///< [rows, d] in the requested type.
};
/// sum = x + delta, y = LayerNorm(sum) * gain without bias, eps 1e-5. An undefined delta adds nothing.
[[nodiscard]] Normed add_norm(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& gain,
                              at::ScalarType type);

/// Self-attention inside each view, from projected rows [views * tokens, 3 d] (q, k, v; heads within each):
/// RMSNorm on q and k of each head (eps: machine epsilon of fp32), softmax attention. Returns [rows, d].
[[nodiscard]] at::Tensor attention(const at::Tensor& qkv, const at::Tensor& q_gain, const at::Tensor& k_gain,
                                   int64_t tokens_per_view);

/// silu of projected rows [batch * tokens, parts * heads * width], each part as [batch * heads, tokens,
/// width]; divided by (L2 norm + 1e-5) of each head where `normalise` of the part is true.
[[nodiscard]] std::vector<at::Tensor> silu_heads(const at::Tensor& rows, const std::vector<bool>& normalise,
                                                 int64_t tokens, int64_t heads);

/// RMSNorm (eps 1e-5) of each head of [batch * heads, tokens, width], joined to rows [batch * tokens, heads *
/// width].
[[nodiscard]] at::Tensor norm_joined(const at::Tensor& o, const at::Tensor& gain, int64_t heads);

/// phi = silu(gate) * hidden from [.., gate | hidden].
[[nodiscard]] at::Tensor gated(const at::Tensor& gate_hidden);

/// Exact (erf) GELU.
[[nodiscard]] at::Tensor gelu(const at::Tensor& x);

/// Whether the one-pass kernels apply: bf16 on the CPU.
[[nodiscard]] bool fused_for(const at::Tensor& x);

}  // namespace lact::training
