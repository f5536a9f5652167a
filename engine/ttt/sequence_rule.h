#pragma once

#include "engine/core/error.h"
#include "engine/ttt/update_rule.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace lact {

/// When a chunk of a sequence reads the fast weights.
enum class ChunkOrder {
    apply_update,  ///< Before its own update (LaCT-LLM); nothing reads the update of the last chunk.
    update_apply,  ///< After its own update.
};

/// The weights that the next update is added to. Without weight norm both are the same.
enum class NormPlace {
    post,  ///< The normalised weights.
    pre,   ///< A copy that is never normalised (the released `prenorm_block_causal_lact_swiglu`).
};

/// Newton-Schulz coefficients of a sequence.
enum class NsSchedule {
    nvs,  ///< nvs_coefficients in each of the rule's ns_steps.
    llm,  ///< llm_coefficients, five steps.
};

/// How a TTT layer runs over a sequence, chunk by chunk. The momentum buffer
/// Delta = G + mean(momentum of the chunk) Delta is kept before Muon.
struct SequenceRule {
    UpdateRule rule;  ///< One inner step; `momentum` enables the buffer.
    NsSchedule ns = NsSchedule::llm;
    std::int64_t chunk = 2048;  ///< Tokens; the last chunk may be shorter.
    ChunkOrder order = ChunkOrder::apply_update;
    NormPlace norm = NormPlace::post;
};

/// The rule of a row of arXiv 2602.21204, table 2, for LaCT-LLM: 0 is the baseline, 1 to 6 the variants.
/// Rows 0 to 4 have momentum. Errors: any other number.
[[nodiscard]] Result<SequenceRule> table2_rule(int row);
/// "Baseline", "Variant 1" … "Variant 6".
[[nodiscard]] std::string table2_name(int row);
inline constexpr int table2_rows = 7;

/// Checks a rule. Errors: a chunk below 1, more than one inner step, the errors of validate().
[[nodiscard]] Result<void> check_sequence_rule(const SequenceRule& rule);

/// Why the rule has no parallel form: its update depends on the state that it changes. Empty where it has
/// one.
[[nodiscard]] std::string no_parallel_form_because(const UpdateRule& rule);

}  // namespace lact
