#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/session/matrix.h"
#include "engine/ttt/sequence_rule.h"

#include <cstdint>
#include <string>
#include <vector>

namespace lact {

/// A small sequence of seeded random tokens: the mathematics of a layer, not a trained language model.
struct SequenceExampleOptions {
    int row = 2;  ///< Of table 2: 0 the baseline, 1 to 6 the variants.
    std::int64_t tokens = 208;
    std::int64_t chunk = 32;
    int heads = 2;
    int d = 16;                 ///< Width of a head.
    int head = 0;               ///< Which one is shown.
    double momentum = 0.6;      ///< About; in (0, 1). Not used by rules without momentum.
    bool muon = true;           ///< False: without Newton-Schulz also where the row has it.
    bool update_first = false;  ///< Update, then apply; LaCT-LLM applies first.
    std::uint64_t seed = 1;
    friend bool operator==(const SequenceExampleOptions&, const SequenceExampleOptions&) = default;
};

/// One chunk of the head that is shown.
struct SequenceChunk {
    std::int64_t first = 0;
    std::int64_t count = 0;
    double alpha = 0;          ///< Mean momentum.
    double gradient_norm = 0;  ///< Frobenius norms: of W1's momentum buffer before Muon,
    double state_norm = 0;     ///< of W1 after this chunk's update,
    double change_norm = 0;    ///< and of what the update changed.
    bool read = true;  ///< False for the last chunk of apply-then-update: nothing reads what it wrote.
};

/// What both ways of computing the layer give.
struct SequenceExample {
    SequenceExampleOptions options;
    std::string rule;  ///< As text.
    std::vector<SequenceChunk> chunks;
    /// [chunks, chunks] C = tril(1) A as the readers see it (one chunk down where they read first): what an
    /// earlier chunk's tokens (column) weigh for a reading chunk (row). Exact without Muon; with Muon the
    /// buffers are orthogonalised before they are summed and no such number exists.
    Matrix coefficients;
    Matrix momentum;   ///< [chunks, chunks] A[j, i] = beta_i^j
    Matrix recurrent;  ///< [tokens, d] outputs
    Matrix other;      ///< [tokens, d] outputs of the other way
    Matrix difference;
    std::string other_name;           ///< "parallel form", or "linear-attention twin"
    std::string no_parallel_because;  ///< Empty where there is a parallel form.
    double largest_difference = 0;    ///< max |difference| / max |recurrent|, over all heads, fp32
};

/// Errors: options that make no sequence (the message says which).
[[nodiscard]] Result<SequenceExample> sequence_example(const SequenceExampleOptions& options,
                                                       const Job& job = {});

}  // namespace lact
