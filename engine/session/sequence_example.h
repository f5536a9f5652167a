#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/session/matrix.h"
#include "engine/ttt/sequence_rule.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lact {

/// A small sequence of seeded random tokens through one TTT layer. It shows the mathematics of the layer, not
/// a trained language model.
struct SequenceExampleOptions {
    int row = 2;  ///< Row of arXiv 2602.21204, table 2: 0 the baseline, 1 to 6 the variants.
    std::int64_t tokens = 208;
    std::int64_t chunk = 32;
    int heads = 2;
    int d = 16;                 ///< Width of a head.
    int head = 0;               ///< The head that is shown.
    double momentum = 0.6;      ///< Approximate mean, in (0, 1); rules without momentum ignore it.
    bool muon = true;           ///< False: Newton-Schulz is off also where the row has it.
    bool update_first = false;  ///< Update, then apply; LaCT-LLM applies first.
    std::uint64_t seed = 1;
    friend bool operator==(const SequenceExampleOptions&, const SequenceExampleOptions&) = default;
};

/// One chunk of the head that is shown.
struct SequenceChunk {
    std::int64_t first = 0;
    std::int64_t count = 0;
    double alpha = 0;          ///< Mean momentum.
    double gradient_norm = 0;  ///< Frobenius norm of the momentum buffer of W1 before Muon.
    double state_norm = 0;     ///< Frobenius norm of W1 after the update of this chunk.
    double change_norm = 0;    ///< Frobenius norm of the change of W1.
    bool read = true;          ///< False for the last chunk of apply-then-update: nothing reads its update.
};

/// The outputs of the recurrence and of a second form of the same layer.
struct SequenceExample {
    SequenceExampleOptions options;
    std::string rule;  ///< format() of the rule.
    std::vector<SequenceChunk> chunks;
    /// [chunks, chunks] C = tril(1) A, one chunk down where chunks apply first: the coefficient of the tokens
    /// of a chunk (column) for a reading chunk (row). Empty where the rule has none.
    Matrix coefficients;
    std::string no_coefficients_because;  ///< Reason; empty where there are coefficients.
    Matrix momentum;                      ///< [chunks, chunks] A[j, i] = beta_i^j.
    Matrix recurrent;                     ///< [tokens, d] outputs of the recurrence.
    Matrix other;                         ///< [tokens, d] outputs of the second form.
    Matrix difference;
    std::string other_name;           ///< "parallel form" or "linear-attention equivalent".
    std::string no_parallel_because;  ///< Reason; empty where there is a parallel form.
    /// max |difference| / max |recurrent| over all heads, fp32: information, as a rule whose state moves its
    /// own features amplifies rounding from chunk to chunk.
    double largest_difference = 0;
    /// The verdict: the same in fp64; where there is no parallel form, chunk by chunk
    /// (compare_chunk_by_chunk()). Empty: no chunk reads an update.
    std::optional<double> difference_fp64;
    bool equal = true;  ///< `difference_fp64` is within equivalence_limit, or empty; NaN is not.
};

/// Runs the example. Errors: an option out of range; the job was stopped; an exception of Torch.
[[nodiscard]] Result<SequenceExample> sequence_example(const SequenceExampleOptions& options,
                                                       const Job& job = {});

}  // namespace lact
