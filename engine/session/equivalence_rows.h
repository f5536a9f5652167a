#pragma once

#include "engine/linear/difference.h"
#include "engine/session/equivalence_check.h"

#include <string>

namespace lact {

/// The layer's record with at most 512 of its queries, evenly spread.
[[nodiscard]] LayerInputs with_some_queries(const LayerInputs& inputs);

/// Largest output up to which a rule is compared: a named variant always is, however large the model's
/// outputs are under it.
[[nodiscard]] double limit_of(const UpdateRule& rule);

[[nodiscard]] EquivalenceRow row_of(int layer, int head, const std::string& preset,
                                    const FormDifference& difference);

}  // namespace lact
