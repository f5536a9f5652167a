#pragma once

#include "engine/core/error.h"
#include "engine/ttt/fast_weights.h"
#include "engine/ttt/sequence_rule.h"

#include <cstdint>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// A sequence as the layer gets it. n = batch x heads; L tokens in order.
struct SequenceTokens {
    at::Tensor q;         ///< [n, L, d_in]
    UpdateTokens write;   ///< keys, values and rates of the same L tokens; rates only where the rule has them
    at::Tensor momentum;  ///< [n, L, 1] in [0, 1]; only where the rule has momentum

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
/// The chunks of a sequence; the last may be shorter.
[[nodiscard]] std::vector<ChunkSpan> chunks_of(std::int64_t length, std::int64_t chunk);

/// The tokens of one chunk.
[[nodiscard]] SequenceTokens tokens_of(const SequenceTokens& tokens, const ChunkSpan& chunk);

/// Errors: as check_sequence_rule(), and shapes that do not fit together, by the name of the tensor.
[[nodiscard]] Result<void> check_sequence(const SequenceRule& rule, const FastWeights& initial,
                                          const SequenceTokens& tokens);

/// Newton-Schulz coefficients of a rule, one entry a step.
[[nodiscard]] std::vector<NsCoefficients> ns_coefficients(const SequenceRule& rule);

/// The recurrence of LaCT-LLM (`block_causal_lact_swiglu`, and with NormPlace::pre
/// `prenorm_block_causal_lact_swiglu`) for any rule: one chunk after the other, heads in one batch. Returns
/// o [n, L, d_out], differentiable by everything in it. `trace`, if given, gets an entry a chunk; the last
/// chunk is then updated, too, which changes no output. Errors: check_sequence().
[[nodiscard]] Result<at::Tensor> run_sequence(const SequenceRule& rule, const FastWeights& initial,
                                              const SequenceTokens& tokens, SequenceTrace* trace = nullptr);

struct RandomSequenceSizes {
    std::int64_t n = 1;  ///< batch x heads
    std::int64_t length = 1;
    std::int64_t d = 16;  ///< width of a head, in and out
    std::int64_t hidden = 16;
};

/// Weights and tokens of the kind a network gives, from a seed: unit queries and keys, silu'd values, rates
/// around 0.1, momentum around `momentum` (in (0, 1)).
struct RandomSequence {
    FastWeights initial;  ///< w1 is [n, hidden, d]; linear_initial() for rules without W0 and W2
    FastWeights linear_initial;
    SequenceTokens tokens;

    /// The initial weights that a rule starts from.
    [[nodiscard]] const FastWeights& initial_of(const UpdateRule& rule) const {
        return rule.kernel == Kernel::identity ? linear_initial : initial;
    }
};
/// `tokens` is the type of q, k and v; all else is fp32.
[[nodiscard]] RandomSequence random_sequence(const RandomSequenceSizes& sizes, std::uint64_t seed,
                                             double momentum, at::ScalarType tokens, at::Device device);

}  // namespace lact
