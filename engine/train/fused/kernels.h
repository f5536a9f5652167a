#pragma once

#include <cstdint>

namespace lact::fused {

/// A bf16 value as its bits: the upper half of a float.
using Bf16 = std::uint16_t;

/// Layout of tokens as rows of a matrix and as [batch * heads, tokens, width] tensors.
struct HeadLayout {
    std::int64_t tokens = 0;      ///< Of one batch element (or one view).
    std::int64_t heads = 0;       ///< Row = batch * tokens + token; head = channel / width.
    std::int64_t width = 0;       ///< Channels of one head.
    std::int64_t row_stride = 0;  ///< Values from one row of the matrix to the next.
};

/// The element-wise operations of a training step on the CPU, each one pass over memory, compiled once for
/// every instruction set (kernels_body.inc). Each works on rows [begin, end), so threads can share it. bf16
/// is for storage only; all arithmetic is fp32.
struct Kernels {
    /// sum = x + delta (delta may be null: sum is then not written), y = LayerNorm(sum) * gain, without bias;
    /// statistics = mean and 1 / standard deviation of each row.
    void (*add_norm)(const float* x, const Bf16* delta, const float* gain, std::int64_t width, float eps,
                     float* sum, Bf16* y, float* statistics, std::int64_t begin, std::int64_t end);
    /// Backward pass: d_x = d_sum (may be null: zero) + the gradient through y; d_delta (may be null) = d_x
    /// rounded; d_gain is added to.
    void (*add_norm_backward)(const float* sum, const float* statistics, const float* gain, const Bf16* d_y,
                              std::int64_t width, const float* d_sum, float* d_x, Bf16* d_delta,
                              float* d_gain, std::int64_t begin, std::int64_t end);

    /// RMSNorm of each head times gain times scale; from rows to heads. Without gain: a plain copy.
    void (*rms_to_heads)(const Bf16* rows, HeadLayout layout, const float* gain, float scale, float eps,
                         Bf16* heads, std::int64_t begin, std::int64_t end);
    void (*rms_to_heads_backward)(const Bf16* rows, HeadLayout layout, const float* gain, float scale,
                                  float eps, const Bf16* d_heads, Bf16* d_rows, float* d_gain,
                                  std::int64_t begin, std::int64_t end);
    /// Inverse layout: heads to rows, RMSNorm of each head times gain. Without gain: a plain copy.
    void (*rms_from_heads)(const Bf16* heads, HeadLayout layout, const float* gain, float eps, Bf16* rows,
                           std::int64_t begin, std::int64_t end);
    void (*rms_from_heads_backward)(const Bf16* heads, HeadLayout layout, const float* gain, float eps,
                                    const Bf16* d_rows, Bf16* d_heads, float* d_gain, std::int64_t begin,
                                    std::int64_t end);
    /// silu, then with `normalise` division by (L2 norm + 1e-5) of each head; rows to heads.
    void (*silu_to_heads)(const Bf16* rows, HeadLayout layout, bool normalise, Bf16* heads,
                          std::int64_t begin, std::int64_t end);
    void (*silu_to_heads_backward)(const Bf16* rows, HeadLayout layout, bool normalise, const Bf16* d_heads,
                                   Bf16* d_rows, std::int64_t begin, std::int64_t end);

    /// Row-wise softmax in place and its backward: d_scores = p (d_p - <p, d_p>), in place of d_p.
    void (*softmax)(Bf16* scores, std::int64_t width, std::int64_t begin, std::int64_t end);
    void (*softmax_backward)(const Bf16* p, Bf16* d_p, std::int64_t width, std::int64_t begin,
                             std::int64_t end);

    /// phi = silu(gate) * hidden from rows [gate | hidden], and backward.
    void (*gated)(const Bf16* gate_hidden, std::int64_t width, Bf16* phi, std::int64_t begin,
                  std::int64_t end);
    void (*gated_backward)(const Bf16* gate_hidden, const Bf16* d_phi, std::int64_t width,
                           Bf16* d_gate_hidden, std::int64_t begin, std::int64_t end);

    /// Summands of the three gradients of the dot-product loss (engine/ttt/fast_weights.h), from rows
    /// [gate | hidden], d_phi = v W1^T and the rates: a1 = lr1 phi, and rows [a0 | a2] with
    /// a0 = lr0 silu'(gate) d_phi hidden and a2 = lr2 d_phi silu(gate).
    void (*inner_terms)(const Bf16* gate_hidden, const Bf16* d_phi, const float* lr0, const float* lr1,
                        const float* lr2, std::int64_t width, Bf16* a1, Bf16* a02, std::int64_t begin,
                        std::int64_t end);
    /// Gradients of gate, hidden, d_phi and the rates from those of a1 and [a0 | a2].
    void (*inner_terms_backward)(const Bf16* gate_hidden, const Bf16* d_phi, const float* lr0,
                                 const float* lr1, const float* lr2, const Bf16* d_a1, const Bf16* d_a02,
                                 std::int64_t width, Bf16* d_gate_hidden, Bf16* d_d_phi, float* d_lr0,
                                 float* d_lr1, float* d_lr2, std::int64_t begin, std::int64_t end);

    /// Exact (erf) GELU and its backward, over values instead of rows.
    void (*gelu)(const Bf16* x, Bf16* y, std::int64_t begin, std::int64_t end);
    void (*gelu_backward)(const Bf16* x, const Bf16* d_y, Bf16* d_x, std::int64_t begin, std::int64_t end);
};

/// The kernels of the best instruction set of this CPU.
[[nodiscard]] const Kernels& kernels();

}  // namespace lact::fused
