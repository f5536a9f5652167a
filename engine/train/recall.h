#pragma once

#include "engine/core/error.h"
#include "engine/train/optimizer.h"
#include "engine/ttt/sequence_layer.h"

#include <cstdint>
#include <memory>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

// Associative recall: a sequence first writes pairs of a key and a value among noise, then asks for the value
// of a key (the task of arXiv 2312.04927, with a pair in one token, as a short convolution would bring it
// together). It tests a TTT layer as a memory and stands for a language model, which it is not.

/// Sequences of `length` tokens: the first half writes length / 4 pairs of different keys and as many noise
/// tokens with a value but no key, in random order; the second half asks for keys that were written.
struct RecallTask {
    int keys = 128;
    int values = 32;
    int length = 128;  ///< A multiple of 4; length / 4 keys at most `keys`.
    friend bool operator==(const RecallTask&, const RecallTask&) = default;
};

/// The tokens of some sequences, [batch, length] of int64 each. `keys` and `values` stand for "none" in `key`
/// and `value`.
struct RecallBatch {
    at::Tensor key;
    at::Tensor value;
    at::Tensor kind;    ///< 0 pair, 1 noise, 2 question.
    at::Tensor answer;  ///< The value that a question asks for; -1 elsewhere.
};
/// Batch number `index` of a seed. The same on every machine.
[[nodiscard]] RecallBatch recall_batch(const RecallTask& task, int batch, std::uint64_t seed,
                                       std::uint64_t index);

/// Mean cross-entropy over the questions in nats, and the share that is answered rightly.
struct RecallScore {
    double loss = 0;
    double accuracy = 0;
};

struct RecallOptions {
    /// One TTT layer reads and writes with it. Its chunk must divide half of the length, so that no question
    /// is in the chunk of its pair.
    SequenceRule rule;
    RecallTask task;  ///< Of training.
    int batch = 32;
    int width = 64;
    int heads = 2;
    double learning_rate = 1e-2;  ///< Falls linearly to 0 over `steps`.
    int steps = 600;
    std::uint64_t seed = 1;
};

/// Errors: sizes that do not fit each other; those of check_sequence_rule().
[[nodiscard]] Result<void> check_recall(const RecallOptions& options);

/// An embedding, one TTT layer with its norms and projections, and an output layer, trained by AdamW on the
/// questions of fresh sequences. Pure function of its options on one machine.
class RecallTraining {
  public:
    /// The options must pass check_recall().
    explicit RecallTraining(const RecallOptions& options);

    /// One step; returns its loss. At most `steps` calls.
    double step();
    [[nodiscard]] int steps_done() const { return steps_done_; }

    /// On `batches` batches that training does not use. `length`: a multiple of 4 whose half the chunk
    /// divides, with at most 4 tokens for each key. `inner_steps`: updates on the tokens of each chunk, those
    /// of questions included, before the next chunk reads; the weights were trained with one.
    [[nodiscard]] RecallScore evaluate(int length, int inner_steps = 1, int batches = 2) const;

    /// Logits [batch, length, values].
    [[nodiscard]] at::Tensor logits(const RecallBatch& batch, int inner_steps = 1) const;

  private:
    RecallOptions options_;
    std::vector<Parameter> parameters_;
    at::Tensor embed_key_, embed_value_, embed_kind_;
    at::Tensor norm_, to_qkv_, to_rates_, rates_bias_;
    at::Tensor w0_, w1_, w2_, o_norm_, c_proj_, output_norm_, output_;
    std::unique_ptr<Optimizer> optimizer_;
    int steps_done_ = 0;
};

}  // namespace lact
