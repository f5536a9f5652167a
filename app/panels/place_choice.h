#pragma once

#include "app/program/view_state.h"
#include "app/window/panel.h"

namespace lact::app {

/// Rows that choose the layer and head of all panels; within window::begin_rows() or the like.
void draw_place_choice(window::PanelContext& context, const PanelServices& services);

}  // namespace lact::app
