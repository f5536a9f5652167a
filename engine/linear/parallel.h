#pragma once

#include "engine/core/error.h"
#include "engine/ttt/sequence_layer.h"

#include <cstdint>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// How much of a sequence the parallel form processes at once. It works on segments of chunks that hand on
/// state and momentum, so memory beyond inputs and outputs does not grow with the sequence. Autograd, where
/// it records, keeps all segments.
struct ParallelOptions {
    std::int64_t segment_chunks = 0;   ///< Chunks of a segment; 0: as many as `workspace_bytes` hold.
    std::int64_t workspace_bytes = 0;  ///< Approximate; at least one chunk is processed. 0: by the device.
};

/// Default workspaces. A CPU is fastest while a segment stays near its caches and its buffers are small
/// enough to be reused. A GPU needs many chunks at once.
inline constexpr std::int64_t cpu_workspace_bytes = 16LL << 20;
inline constexpr std::int64_t gpu_workspace_bytes = 1LL << 30;

/// The number of chunks of a segment, at least 1.
[[nodiscard]] std::int64_t segment_chunks(const ParallelOptions& options, const SequenceRule& rule,
                                          const FastWeights& initial, const SequenceTokens& tokens);

/// The outputs [n, L, d_out] of run_sequence() in parallel over chunks, for rules where
/// no_parallel_form_because() is empty (Variants 2 to 6 of arXiv 2602.21204): features of all tokens,
/// gradients of all chunks in one batched product, momentum as a scan (one small product with A),
/// Newton-Schulz batched over chunks and heads, a cumulative sum, and one batched product for the outputs.
/// Differentiable. `states`, if given, receives W1 after each chunk, [n, d_phi, d_out] each. Errors: those of
/// check_sequence(), a rule without a parallel form.
[[nodiscard]] Result<at::Tensor> run_parallel(const SequenceRule& rule, const FastWeights& initial,
                                              const SequenceTokens& tokens,
                                              const ParallelOptions& options = {},
                                              std::vector<at::Tensor>* states = nullptr);

/// The same as one masked product, O = Q-hat S0 + ((Q-hat K-hat^T) * C) V-hat with C = tril(1) A expanded to
/// the tokens of the chunks. Memory and time are quadratic in the tokens. Errors: those of run_parallel(), a
/// rule with Muon, for which C does not exist.
[[nodiscard]] Result<at::Tensor> run_masked(const SequenceRule& rule, const FastWeights& initial,
                                            const SequenceTokens& tokens);

/// Mean momentum of each chunk, [n, chunks]; zeros where the rule has none.
[[nodiscard]] at::Tensor chunk_momentum(const SequenceRule& rule, const SequenceTokens& tokens);

/// A[j, i] = beta_i^j = product of alpha_s for s = i+1 … j: [n, chunks, chunks], lower triangular with a
/// diagonal of ones, from the mean momentum `alpha` [n, chunks] of each chunk.
[[nodiscard]] at::Tensor momentum_products(const at::Tensor& alpha);

/// C = tril(1) A (matrix product) for A = momentum_products(alpha): [n, chunks, chunks]. Without Muon
/// C[t, i] = sum over j = i … t of beta_i^j is the coefficient of the tokens of chunk i after the updates up
/// to chunk t. The appendix of arXiv 2602.21204 prints a Hadamard product, which equals C only for alpha = 0.
[[nodiscard]] at::Tensor chunk_coefficients(const at::Tensor& alpha);

}  // namespace lact
