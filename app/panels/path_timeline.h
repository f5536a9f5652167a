#pragma once

#include "app/program/view_state.h"
#include "app/window/panel.h"

namespace lact::app {

/// The camera path over time: a bar with the keys on it, which are dragged in time and clicked to look from
/// them, and the place where one is, which is dragged to fly.
void draw_path_timeline(window::PanelContext& context, const PanelServices& services);

}  // namespace lact::app
