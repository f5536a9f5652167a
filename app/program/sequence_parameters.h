#pragma once

#include "app/core/actions.h"
#include "app/core/parameters.h"
#include "app/program/sequence_view.h"
#include "engine/core/error.h"

namespace lact::app {

/// The sequence panel's parameters and its action; `view` must outlive the tables.
[[nodiscard]] Result<void> add_sequence_parameters(SequenceView& view, ActionTable& actions,
                                                   ParameterTable& parameters);

}  // namespace lact::app
