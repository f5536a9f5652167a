#pragma once

#include "engine/core/error.h"
#include "engine/train/sweep.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lact {

/// A sweep with one row for each update rule: the same model, worlds and steps, so the rows differ in the
/// rule alone, as in tables 1 and 2 of arXiv 2602.21204.
///
/// `rules`: "all", or names of rule_presets() with commas between them: "baseline,variant1". All are the
/// presets in their order, without variant5, which equals variant4 where there is no momentum. The baseline
/// always comes first and has one seed more than the others, because every difference is measured from it.
/// Errors: an unknown or repeated rule; a rule that this model cannot run; no seed.
[[nodiscard]] Result<Sweep> rule_sweep(const TrainConfig& config, std::string_view rules,
                                       const std::vector<std::uint64_t>& seeds);

/// format_sweep_table() with the figures of the paper beside it, and what differs in its setting.
[[nodiscard]] std::string format_rule_table(const Sweep& sweep, const std::vector<SweepRow>& rows);

}  // namespace lact
