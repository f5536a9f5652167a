#pragma once

#include "app/program/view_state.h"
#include "app/window/flow.h"

namespace lact::app {

/// A button for an action without arguments: disabled with the action's reason, its tooltip with the key.
/// Nothing where the program has no such action.
void action_button(const window::PanelContext& context, const PanelServices& services, const char* id,
                   const char* label);
/// The same, as the next one of `flow`.
void action_button(const window::PanelContext& context, const PanelServices& services, window::Flow& flow,
                   const char* id, const char* label);

}  // namespace lact::app
