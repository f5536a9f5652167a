#pragma once

#include "engine/core/error.h"
#include "engine/ttt/fast_weights.h"
#include "engine/ttt/sequence_rule.h"

#include <cstdint>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// Inputs of a layer over a sequence of L tokens. n = batch x heads.
struct SequenceTokens {
    at::Tensor q;         ///< [n, L, d_in]
    UpdateTokens write;   ///< Keys, values and rates of the L tokens; rates only where the rule has them.
    at::Tensor momentum;  ///< [n, L, 1] in [0, 1]; only where the rule has momentum.

    [[nodiscard]] std::int64_t length() const { return q.size(1); }
};

/// The fast weights and the momentum buffers (before Muon) after each chunk's update.
struct SequenceTrace {
    std::vector<FastWeights> states;
    std::vector<FastWeights> buffers;
};

/// First token and number of tokens of a chunk.
struct ChunkSpan {
    std::int64_t first = 0;
    std::int64_t count = 0;
};
/// The chunks of a sequence of `length` tokens; the last may be shorter.
[[nodiscard]] std::vector<ChunkSpan> chunks_of(std::int64_t length, std::int64_t chunk);

/// The tokens of one chunk.
[[nodiscard]] SequenceTokens tokens_of(const SequenceTokens& tokens, const ChunkSpan& chunk);

/// Checks rule and shapes. Errors: those of check_sequence_rule(); shapes that do not match, with the name of
/// the tensor.
[[nodiscard]] Result<void> check_sequence(const SequenceRule& rule, const FastWeights& initial,
                                          const SequenceTokens& tokens);

/// Newton-Schulz coefficients of a rule, one entry for each step.
[[nodiscard]] std::vector<NsCoefficients> ns_coefficients(const SequenceRule& rule);

/// The recurrence of LaCT-LLM (`block_causal_lact_swiglu`, and with NormPlace::pre
/// `prenorm_block_causal_lact_swiglu`) for any rule: chunk by chunk, heads in one batch. Returns
/// o [n, L, d_out], differentiable in weights and tokens. `trace`, if given, receives one entry for each
/// chunk; the last chunk is then updated as well, which changes no output. Errors: those of check_sequence().
[[nodiscard]] Result<at::Tensor> run_sequence(const SequenceRule& rule, const FastWeights& initial,
                                              const SequenceTokens& tokens, SequenceTrace* trace = nullptr);

struct RandomSequenceSizes {
    std::int64_t n = 1;        ///< batch x heads
    std::int64_t length = 1;   ///< Tokens.
    std::int64_t d = 16;       ///< Width of a head, in and out.
    std::int64_t hidden = 16;  ///< d_h
};

/// Random weights and tokens with the statistics of a network: unit queries and keys, values after silu,
/// rates around 0.1.
struct RandomSequence {
    FastWeights initial;         ///< w0, w2 [n, d, hidden], w1 [n, hidden, d].
    FastWeights linear_initial;  ///< w1 [n, d, d] alone, for the identity kernel.
    SequenceTokens tokens;

    /// The initial weights of a rule.
    [[nodiscard]] const FastWeights& initial_of(const UpdateRule& rule) const {
        return rule.kernel == Kernel::identity ? linear_initial : initial;
    }
};
/// Draws a sequence from a seed. `momentum` in (0, 1) is the approximate mean momentum. `tokens` is the type
/// of q, k and v; all else is fp32.
[[nodiscard]] RandomSequence random_sequence(const RandomSequenceSizes& sizes, std::uint64_t seed,
                                             double momentum, at::ScalarType tokens, at::Device device);

}  // namespace lact
