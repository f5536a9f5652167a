#pragma once

#include "app/program/view_state.h"
#include "engine/core/error.h"

namespace lact::app {

/// How films are recorded. The view must outlive the table.
[[nodiscard]] Result<void> add_record_parameters(ViewState& view, ParameterTable& parameters);

}  // namespace lact::app
