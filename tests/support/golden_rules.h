#pragma once

#include "engine/ttt/update_rule.h"

#include <string>

namespace lact::test {

/// The rule that a golden file's names mean: `rule` as the ablation branch calls it
/// ("only_w1_straight_qk_no_wn"), `mode` one of ns5_bf16, ns5_fp32, ns0_fp32, nomuon.
[[nodiscard]] UpdateRule golden_rule(const std::string& rule, const std::string& mode);

/// Tolerances of the golden README for one call of the operation, by mode.
[[nodiscard]] bool is_bf16(const std::string& mode);

}  // namespace lact::test
