#pragma once

#include "engine/ttt/sequence_layer.h"

#include <cstdint>

namespace lact {

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
