#pragma once

#include "engine/ttt/fast_weights.h"
#include "engine/ttt/update_rule.h"

#include <ATen/ATen.h>

namespace lact {

// How the fast weights serve as an associative memory from keys to values, and how close vectors of two kinds
// lie to each other. All measures are fp64 and have one entry for each of n = batch x heads. A vector of
// length 0 has the cosine 0 with every other.

/// What the fast weights return for the keys that they learned, f(k), beside the values v.
struct MemoryMeasures {
    at::Tensor loss;    ///< [n] inner loss of the rule, mean over tokens.
    at::Tensor cosine;  ///< [n] cosine of f(k) and v, mean over tokens, -1 to 1.
    /// [n] top-1 recall, 0 to 1: part of the tokens whose own value is the nearest to f(k), by cosine, of the
    /// values of all tokens. Where m values are equally near, the own value among them counts 1/m.
    at::Tensor recall;
    at::Tensor norm;  ///< [n] |f(k)|, mean over tokens.
};

/// The measures of `state` on the tokens. Recall tests at most `probes` tokens, evenly spread, each against
/// the values of all tokens. Time is probes x tokens, memory is linear in the tokens.
[[nodiscard]] MemoryMeasures memory_measures(const UpdateRule& rule, const FastWeights& state,
                                             const UpdateTokens& tokens, int64_t probes);

/// Cosine of each of `from` [n, a, d] to the nearest (by cosine) of `to` [n, b, d], mean over at most
/// `probes` of `from`, evenly spread: [n].
[[nodiscard]] at::Tensor nearest_cosine(const at::Tensor& from, const at::Tensor& to, int64_t probes);

/// The same within one set x [n, a, d]: the nearest vector of another block, where `block` vectors after each
/// other are one; 1: the nearest other vector. NaN where there is only one block.
[[nodiscard]] at::Tensor nearest_other_cosine(const at::Tensor& x, int64_t probes, int64_t block = 1);

/// Indices of at most `count` of `all`, evenly spread: [min(all, count)] of type kLong on the CPU.
[[nodiscard]] at::Tensor spread_indices(int64_t all, int64_t count);

}  // namespace lact
