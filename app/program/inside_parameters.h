#pragma once

#include "app/core/parameters.h"
#include "app/program/view_state.h"
#include "engine/core/error.h"

namespace lact::app {

/// The parameters of the panels that look inside: layer, head and matrix; then looks, sides and patches.
[[nodiscard]] Result<void> add_matrix_parameters(PanelServices services, ParameterTable& parameters);
[[nodiscard]] Result<void> add_inside_parameters(PanelServices services, ParameterTable& parameters);

}  // namespace lact::app
