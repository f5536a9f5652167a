#pragma once

#include "engine/core/error.h"
#include "engine/ttt/update_rule.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace lact {

/// When a chunk of a sequence reads the fast weights: before its own update (LaCT-LLM; its last chunk is then
/// never written), or after it.
enum class ChunkOrder { apply_update, update_apply };

/// What the next update is added to: the normalised weights, or a copy that is never normalised (the
/// released `prenorm_block_causal_lact_swiglu`). Without weight norm they are one.
enum class NormPlace { post, pre };

/// Newton-Schulz coefficients: those of LaCT-NVS times the rule's ns_steps, or LaCT-LLM's five triples.
enum class NsSchedule { nvs, llm };

/// How a TTT layer runs over a sequence, chunk after chunk. The momentum buffer
/// Delta = G + mean(momentum of the chunk) Delta is kept before Muon acts on it.
struct SequenceRule {
    UpdateRule rule;  ///< One inner step. `momentum` says whether there is a buffer.
    NsSchedule ns = NsSchedule::llm;
    std::int64_t chunk = 2048;  ///< Tokens; the last chunk may be shorter.
    ChunkOrder order = ChunkOrder::apply_update;
    NormPlace norm = NormPlace::post;
};

/// Row of arXiv 2602.21204, table 2, for LaCT-LLM: 0 is the baseline, 1 to 6 the variants; momentum up to
/// Variant 4. Errors: another number.
[[nodiscard]] Result<SequenceRule> table2_rule(int row);
/// "Baseline", "Variant 1" … "Variant 6".
[[nodiscard]] std::string table2_name(int row);
inline constexpr int table2_rows = 7;

/// Errors: a chunk below 1, more than one inner step, or what validate() says.
[[nodiscard]] Result<void> check_sequence_rule(const SequenceRule& rule);

/// Why the rule has no parallel form (its update then depends on the state that it changes); empty where it
/// has one.
[[nodiscard]] std::string no_parallel_form_because(const UpdateRule& rule);

}  // namespace lact
