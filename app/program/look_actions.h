#pragma once

#include "app/core/actions.h"
#include "app/core/parameters.h"
#include "engine/core/error.h"

namespace lact::app {

/// `look.at`: shows what a term of the formulae stands for. Both tables must outlive the action.
[[nodiscard]] Result<void> add_look_actions(ActionTable& actions, const ParameterTable& parameters);

}  // namespace lact::app
