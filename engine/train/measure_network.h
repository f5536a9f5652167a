#pragma once

#include "engine/model/network.h"
#include "engine/train/held_out.h"

namespace lact {

/// measure() of a network that is in no file.
[[nodiscard]] Result<HeldOutScore> measure_network(const Network& network, const UpdateRule& rule,
                                                   std::span<const EvaluationScene> scenes,
                                                   const MeasureOptions& options = {}, const Job& job = {});

}  // namespace lact
