#pragma once

#include "engine/core/error.h"
#include "engine/ttt/sequence_layer.h"

#include <cstdint>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// How much of a sequence the parallel form takes at once. Segments of chunks follow one another and carry
/// state and momentum, so that memory beyond inputs and outputs does not grow with the sequence (gradients,
/// where they are recorded, do keep all of it).
struct ParallelOptions {
    std::int64_t segment_chunks = 0;   ///< 0: as many as `workspace_bytes` hold.
    std::int64_t workspace_bytes = 0;  ///< About; at least one chunk is always taken. 0: by the device.
};

/// Workspace by default. A CPU is fastest while a segment stays near its caches and its buffers are small
/// enough to be reused; a GPU needs many chunks to be busy.
inline constexpr std::int64_t cpu_workspace_bytes = 16LL << 20;
inline constexpr std::int64_t gpu_workspace_bytes = 1LL << 30;

/// How many chunks a segment has.
[[nodiscard]] std::int64_t segment_chunks(const ParallelOptions& options, const SequenceRule& rule,
                                          const FastWeights& initial, const SequenceTokens& tokens);

/// The same outputs as run_sequence(), for the rules that no_parallel_form_because() has nothing against
/// (Variants 2 to 6 of arXiv 2602.21204): features of all tokens, gradients of all chunks in one batched
/// product, momentum as a scan (one small product with A), Newton-Schulz batched over chunks and heads, a
/// cumulative sum, and one batched product for the outputs. Differentiable. `states`, if given, gets W1
/// after each chunk, [n, d_phi, d_out] an entry. Errors: check_sequence(), a rule without a parallel form.
[[nodiscard]] Result<at::Tensor> run_parallel(const SequenceRule& rule, const FastWeights& initial,
                                              const SequenceTokens& tokens,
                                              const ParallelOptions& options = {},
                                              std::vector<at::Tensor>* states = nullptr);

/// The same as one masked product, O = Q-hat S0 + ((Q-hat K-hat^T) * C) V-hat with C = tril(1) A spread over
/// the tokens of its chunks: memory and time are quadratic in the tokens. Errors: also a rule with Muon,
/// for which there is no such coefficient.
[[nodiscard]] Result<at::Tensor> run_masked(const SequenceRule& rule, const FastWeights& initial,
                                            const SequenceTokens& tokens);

/// Mean momentum of each chunk, [n, chunks]; zeros where the rule has none.
[[nodiscard]] at::Tensor chunk_momentum(const SequenceRule& rule, const SequenceTokens& tokens);

/// beta_i^j = product of alpha_s for s = i+1 … j as A[j, i]: [n, chunks, chunks], lower triangular with a
/// diagonal of ones. alpha [n, chunks]: the mean momentum of each chunk.
[[nodiscard]] at::Tensor momentum_products(const at::Tensor& alpha);

/// C = tril(1) A (a matrix product) for A = momentum_products(alpha): C[t, i] = sum over j = i … t of
/// beta_i^j is what chunk i's tokens weigh, without Muon, after the updates up to chunk t's (arXiv
/// 2602.21204, whose appendix prints a Hadamard product, which equals it for alpha = 0 alone). [n, chunks,
/// chunks]
[[nodiscard]] at::Tensor chunk_coefficients(const at::Tensor& alpha);

}  // namespace lact
